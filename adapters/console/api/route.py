"""
A route of the API. Before its own function runs, and before any body is read, the caller is known and may do it.

Every route says which scope it takes, or that it takes none; one that says neither is not served.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Final, get_origin

from fastapi import Request, Response
from fastapi.routing import APIRoute

from adapters.console.api.acting import Act
from adapters.console.api.auth import Gate
from adapters.console.api.parts import ApiParts
from adapters.console.api.problems import FieldError, Problem
from adapters.console.api.reading import ApiRequest
from payout.api_key import Scope

PREFIX: Final = "/api/v1"
SCOPE: Final = "x-required-scope"
"""Stands in the OpenAPI document too."""

SECURITY: Final = "apiKey"
IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_JSON: Final = re.compile(r"application/(?:[a-z0-9!#$&^_.+-]+\+)?json", re.IGNORECASE)
_TAKEN: Final = ("*/*", "application/*", "application/json", "application/problem+json")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


_HEADER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request gets the same answer, for ever.",
    "schema": {"type": "string", "pattern": f"^{IDEMPOTENCY_KEY.pattern}$"},
    "example": "5f1b6c1e-refund-1042",
}


def takes(scope: Scope, *, kept: bool = False) -> dict[str, Any]:
    """`openapi_extra` of a route that takes a key with this scope; `kept`: and an Idempotency-Key."""
    return {SCOPE: str(scope), "security": [{SECURITY: []}], **({"parameters": [_HEADER]} if kept else {})}


def public() -> dict[str, Any]:
    """`openapi_extra` of a route that anybody may call."""
    return {SCOPE: None, "security": []}


class ApiRoute(APIRoute):
    """Admits before it does anything else."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        kwargs["operation_id"] = endpoint.__name__
        super().__init__(path, endpoint, **kwargs)
        if SCOPE not in (self.openapi_extra or {}):
            raise ValueError(f"{self.path}: the route says neither which scope it takes nor that it is public")

    @property
    def scope(self) -> Scope | None:
        """What a key must have; None: no key is needed."""
        said = (self.openapi_extra or {})[SCOPE]
        return None if said is None else Scope(said)

    def get_route_handler(self) -> Handler:
        """FastAPI's own handler, behind the gate."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            parts: ApiParts = request.app.state.parts
            gate: Gate = request.app.state.gate
            scope = self.scope
            given = ApiRequest(request.scope, request.receive)
            given.bytes_max = parts.limits.body_bytes_max
            if scope is not None:
                key = await gate.admit(request, scope)
                given.state.act = Act(parts=parts, key=key, request=given, replay_key=_idempotency_key(request))
            _check_accept(request)
            self._check_query(request)
            if self.body_field is not None:
                _check_content_type(request)
            return await inner(given)

        return handle

    def _check_query(self, request: Request) -> None:
        """Nothing is silently left out: no second value, and nothing that a route without parameters does not know."""
        given = Counter(name for name, _ in request.query_params.multi_items())
        if self.dependant.query_params:
            wrong, problem, remedy = self._twice(given), "is given more than once", "give it once"
        else:
            wrong, problem, remedy = list(given), "is not a parameter of this address", "leave it out"
        if wrong:
            raise Problem("invalid", errors=[FieldError(field=n[:40], problem=problem, remedy=remedy) for n in wrong])

    def _twice(self, given: Counter[str]) -> list[str]:
        """Names with several values that are no lists."""
        model: Any = self.dependant.query_params[0].field_info.annotation
        lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}
        return [name for name, times in given.items() if times > 1 and name not in lists]


def _idempotency_key(request: Request) -> str | None:
    """Of a POST; the other methods do the same twice as once by themselves."""
    given = request.headers.getlist("idempotency-key")
    if not given or request.method != "POST":
        return None
    if len(given) > 1 or not IDEMPOTENCY_KEY.fullmatch(given[0]):
        raise Problem("invalid_idempotency_key")
    return given[0]


def _check_accept(request: Request) -> None:
    given = ",".join(request.headers.getlist("accept"))
    kinds = [each.partition(";")[0].strip().lower() for each in given.split(",") if each.strip()]
    if kinds and not any(kind in _TAKEN for kind in kinds):
        raise Problem("not_acceptable")


def _check_content_type(request: Request) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip()
    if not _JSON.fullmatch(given):
        said = f"{given[:60]!r} is not taken" if given else "there is no Content-Type"
        raise Problem("unsupported_media_type", said)
