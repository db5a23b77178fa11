"""`/refunds`: hand in, look at, amend and cancel. A key can never approve: there is no address for it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse

from adapters.console.api.acting import Act, Acting, Answer
from adapters.console.api.problems import Problem, invalid
from adapters.console.api.route import PREFIX, ApiRoute, takes
from adapters.console.api.schemas.base import Key
from adapters.console.api.schemas.problem import problems
from adapters.console.api.schemas.refunds import (
    AmendIn,
    CancelIn,
    Listing,
    RefundIn,
    RefundOut,
    RefundPage,
    RefundWhole,
)
from payout.api_key import Scope
from payout.change import Change
from payout.errors import LimitReached
from payout.history_json import approval_json, attempt_json, event_json
from payout.intake import Request
from payout.ports import Store
from payout.refund import Refund, RefundLine, RefundStatus
from payout.refund_json import refund_json

EVENTS_MAX: Final = 100

router = APIRouter(prefix=f"{PREFIX}/refunds", tags=["refunds"], route_class=ApiRoute)

_DECIDED: Final = problems(
    "refund_not_found",
    "stale_revision",
    "overtaken",
    "wrong_status",
    "not_allowed",
    "changed_meanwhile",
    body=True,
    kept=True,
)
"""What an act on a refund as it stands may meet."""

Named = Annotated[Key, Path(description="Its id, or your external_id.", examples=["R-1042"])]


@router.post(
    "",
    status_code=201,
    response_model=RefundOut,
    responses={
        200: {"model": RefundOut, "description": "It was on record already, with the same facts."},
        **problems("external_id_taken", "limit_reached", "changed_meanwhile", body=True, kept=True),
    },
    openapi_extra=takes(Scope.WRITE, kept=True),
    summary="Hand a refund in",
)
def create_refund(given: RefundIn, act: Acting) -> Response:
    """The same `external_id` with the same facts is the same refund, for ever: 201 once, 200 from then on."""
    asked = Request(**given.model_dump())

    def do(store: Store) -> Answer:
        intake = act.parts.intake(store)
        refund, found = intake.read(asked, act.who)
        if refund is None:
            raise invalid(found)
        try:
            taken = intake.add([refund])[0]
        except LimitReached as error:
            raise Problem("limit_reached", str(error)) from None
        return Answer(status=201 if taken.new else 200, body=_shown(store, taken.refund, new=taken.new))

    return act.once(do, lambda change: _written(change, 201))


@router.get(
    "",
    response_model=RefundPage,
    responses=problems(),
    openapi_extra=takes(Scope.READ),
    summary="List refunds",
)
def list_refunds(query: Listing, act: Acting) -> Response:
    """Newest request first. Send `next_cursor` as `cursor` for the next page, until it is null."""
    store = act.parts.store
    if query.external_id is not None:
        return JSONResponse({"data": _only(act, query.external_id, query.status), "next_cursor": None})
    lines = store.list_refunds(
        statuses=[RefundStatus(status) for status in query.status], after=query.cursor, limit=query.limit + 1
    )
    page = lines[: query.limit]
    more = page[-1].refund.id if len(lines) > len(page) else None
    return JSONResponse({"data": [refund_json(line) for line in page], "next_cursor": more})


@router.get(
    "/{key}",
    response_model=RefundWhole,
    responses=problems("refund_not_found"),
    openapi_extra=takes(Scope.READ),
    summary="Look at one refund",
)
def get_refund(key: Named, act: Acting) -> Response:
    """With its approvals, its attempts and its history. One whose external_id holds a slash is found by the list."""
    store = act.parts.store
    refund = find(act, key)
    body = {
        **_shown(store, refund),
        "approvals_needed": act.parts.approver.needed(refund),
        "approvals": [approval_json(each) for each in store.approvals([refund.id])],
        "attempts": [attempt_json(each) for each in store.attempts([refund.id])],
        "events": [event_json(each) for each in store.events(refund_id=refund.id, limit=EVENTS_MAX)],
    }
    return JSONResponse(body)


@router.post(
    "/{key}/amend",
    response_model=RefundOut,
    responses=_DECIDED,
    openapi_extra=takes(Scope.WRITE, kept=True),
    summary="Change where it goes",
)
def amend_refund(key: Named, given: AmendIn, act: Acting) -> Response:
    """Makes a new revision. Every approval of the old one is void, and people have to approve the new one."""

    def do(store: Store) -> Answer:
        refund = find(act, key)
        after = act.parts.desk(store).amend(
            refund.id, given.destination, given.memo, act.who, given.why, revision=given.revision
        )
        return Answer(status=200, body=_shown(store, after))

    return act.once(do, lambda change: _written(change, 200) if change.revisions else None)


@router.post(
    "/{key}/cancel",
    response_model=RefundOut,
    responses=_DECIDED,
    openapi_extra=takes(Scope.WRITE, kept=True),
    summary="Withdraw it",
)
def cancel_refund(key: Named, given: CancelIn, act: Acting) -> Response:
    """For good. Refused while a payment of it is under way."""

    def do(store: Store) -> Answer:
        refund = find(act, key)
        after = act.parts.desk(store).cancel(refund.id, act.who, given.why, revision=given.revision)
        return Answer(status=200, body=_shown(store, after))

    return act.once(do, lambda change: _written(change, 200))


def find(act: Act, key: str) -> Refund:
    """
    By id or external_id.

    Raises:
        Problem: there is none.
    """
    refund = act.parts.store.refund(key)
    if refund is None:
        raise Problem("refund_not_found", f"no refund has the id or external_id {key!r}")
    return refund


def _only(act: Act, external_id: str, statuses: list[Any]) -> list[dict[str, Any]]:
    refund = act.parts.store.refund(external_id)
    if refund is None or refund.external_id != external_id or (statuses and refund.status not in statuses):
        return []
    return [_shown(act.parts.store, refund)]


def _shown(store: Store, refund: Refund, *, new: bool = False) -> dict[str, Any]:
    """The refund as a listing gives it; a new one has nothing yet that other tables know."""
    if new:
        return refund_json(RefundLine(refund=refund))
    lines = store.refund_lines([refund.id])
    return refund_json(lines[0] if lines else RefundLine(refund=refund))


def _written(change: Change, status: int) -> Answer:
    """What will be there once this is on record. None of these acts touches one that was ever paid."""
    return Answer(status=status, body=refund_json(RefundLine(refund=change.refunds[0])))
