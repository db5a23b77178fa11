"""`/webhook-endpoints` and `/webhook-deliveries`: where messages go, and what became of them."""

from __future__ import annotations

import threading
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse

from adapters.console.api.acting import Act, Acting, Answer
from adapters.console.api.problems import RETRY_SECONDS, Problem
from adapters.console.api.route import PREFIX, ApiRoute, takes
from adapters.console.api.schemas.base import Key
from adapters.console.api.schemas.problem import problems
from adapters.console.api.schemas.webhooks import (
    Deliveries,
    DeliveryOut,
    DeliveryPage,
    EndpointIn,
    EndpointOut,
    EndpointPage,
    EndpointWithSecret,
    TestOut,
)
from payout.api_key import Scope
from payout.change import Change
from payout.ports import Store
from payout.webhooks.json import delivery_json, endpoint_json
from payout.webhooks.message import Endpoint

TESTS_MAX: Final = 4
"""At once. Each holds a thread for as long as the endpoint likes, and all requests share some forty of them."""

_TESTING: Final = threading.BoundedSemaphore(TESTS_MAX)

router = APIRouter(prefix=PREFIX, tags=["webhooks"], route_class=ApiRoute)

EndpointId = Annotated[Key, Path(description="Its id.", examples=["we_5b0c6e0d1a2f3c4d"])]
DeliveryId = Annotated[Key, Path(description="Its id.", examples=["msg_1f2e3d.we_5b0c6e0d"])]


@router.post(
    "/webhook-endpoints",
    status_code=201,
    response_model=EndpointWithSecret,
    responses=problems("limit_reached", body=True, kept=True),
    openapi_extra=takes(Scope.WEBHOOKS, kept=True),
    summary="Add an endpoint",
)
def create_endpoint(given: EndpointIn, act: Acting) -> Response:
    """Its signing secret is shown in this answer, and in those that the same Idempotency-Key gets again."""

    def do(store: Store) -> Answer:
        made = act.parts.endpoints(store).create(given.url, given.types, act.who)
        return Answer(status=201, body={**endpoint_json(made.endpoint), "secret": made.secret})

    return act.once(do, lambda change: Answer(status=201, body=_with_secret(act, change)))


@router.get(
    "/webhook-endpoints",
    response_model=EndpointPage,
    responses=problems(),
    openapi_extra=takes(Scope.WEBHOOKS),
    summary="List endpoints",
)
def list_endpoints(act: Acting) -> Response:
    """All, stopped ones too, oldest first."""
    found = act.parts.store.endpoints()
    return JSONResponse({"data": [endpoint_json(each) for each in found], "next_cursor": None})


@router.get(
    "/webhook-endpoints/{endpoint_id}",
    response_model=EndpointOut,
    responses=problems("endpoint_not_found"),
    openapi_extra=takes(Scope.WEBHOOKS),
    summary="Look at one endpoint",
)
def get_endpoint(endpoint_id: EndpointId, act: Acting) -> Response:
    """Without its secrets: they are shown once."""
    return JSONResponse(endpoint_json(_find(act, endpoint_id)))


@router.delete(
    "/webhook-endpoints/{endpoint_id}",
    response_model=EndpointOut,
    responses=problems("endpoint_not_found", "changed_meanwhile"),
    openapi_extra=takes(Scope.WEBHOOKS),
    summary="Stop an endpoint",
)
def delete_endpoint(endpoint_id: EndpointId, act: Acting) -> Response:
    """For good: nothing more is sent there. It stays on record."""
    found = _find(act, endpoint_id)
    after = act.parts.endpoints(act.parts.store).stop(found.id, act.who, "deleted through the API")
    return JSONResponse(endpoint_json(after))


@router.post(
    "/webhook-endpoints/{endpoint_id}/rotate-secret",
    response_model=EndpointWithSecret,
    responses=problems("endpoint_not_found", "wrong_status", "changed_meanwhile", kept=True),
    openapi_extra=takes(Scope.WEBHOOKS, kept=True),
    summary="Give it a new secret",
)
def rotate_secret(endpoint_id: EndpointId, act: Acting) -> Response:
    """The old one signs too for 24 hours, so that nothing is lost while you change it."""

    def do(store: Store) -> Answer:
        found = _find(act, endpoint_id)
        made = act.parts.endpoints(store).rotate(found.id, act.who)
        return Answer(status=200, body={**endpoint_json(made.endpoint), "secret": made.secret})

    return act.once(do, lambda change: Answer(status=200, body=_with_secret(act, change)))


@router.post(
    "/webhook-endpoints/{endpoint_id}/test",
    response_model=TestOut,
    responses=problems("endpoint_not_found", "wrong_status", kept=True),
    openapi_extra=takes(Scope.WEBHOOKS, kept=True),
    summary="Send it a test message",
)
def test_endpoint(endpoint_id: EndpointId, act: Acting) -> Response:
    """Signed like any other, of the type `webhook.test`, sent once and at once."""

    def do(store: Store) -> Answer:
        found = _find(act, endpoint_id)
        if not _TESTING.acquire(blocking=False):
            raise Problem("busy", f"{TESTS_MAX} tests are under way", headers={"Retry-After": str(RETRY_SECONDS)})
        try:
            said = act.parts.endpoints(store).test(found.id)
        finally:
            _TESTING.release()
        return Answer(status=200, body={"taken": said.taken, "status": said.status, "words": said.words})

    return act.once(do)


@router.get(
    "/webhook-deliveries",
    response_model=DeliveryPage,
    responses=problems(),
    openapi_extra=takes(Scope.WEBHOOKS),
    summary="List deliveries",
)
def list_deliveries(query: Deliveries, act: Acting) -> Response:
    """Newest message first."""
    found = act.parts.store.list_deliveries(
        endpoint_id=query.endpoint,
        refund_id=query.refund,
        failed=query.status == "FAILED",
        after=query.cursor,
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    more = page[-1].delivery.id if len(found) > len(page) else None
    return JSONResponse({"data": [delivery_json(each) for each in page], "next_cursor": more})


@router.post(
    "/webhook-deliveries/{delivery_id}/resend",
    response_model=DeliveryOut,
    responses=problems("delivery_not_found", "wrong_status", kept=True),
    openapi_extra=takes(Scope.WEBHOOKS, kept=True),
    summary="Send a message again",
)
def resend_delivery(delivery_id: DeliveryId, act: Acting) -> Response:
    """Under the same message id, with its tries counted anew. One that is still on its way is refused."""

    def do(store: Store) -> Answer:
        if store.delivery(delivery_id) is None:
            gone = "one that ended more than [webhooks] keep_days ago is gone for good"
            raise Problem("delivery_not_found", f"no delivery has the id {delivery_id!r}; {gone}")
        parcel = act.parts.endpoints(store).resend(delivery_id, act.who)
        return Answer(status=200, body=delivery_json(parcel))

    return act.once(do)


def _find(act: Act, endpoint_id: str) -> Endpoint:
    found = next((each for each in act.parts.store.endpoints() if each.id == endpoint_id), None)
    if found is None:
        raise Problem("endpoint_not_found", f"no endpoint has the id {endpoint_id!r}")
    return found


def _with_secret(act: Act, change: Change) -> dict[str, Any]:
    """What will be there once this is on record, with the secret that it was just given."""
    endpoint = change.endpoints[0]
    newest = act.parts.endpoints(act.parts.store).keyring.open(endpoint)[0]
    return {**endpoint_json(endpoint), "secret": newest.text}
