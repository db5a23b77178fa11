"""
Problems: every error that the API gives is one JSON object by RFC 9457 with a stable `code`.

`CODES` is the one table of them, and the documentation prints it. A code is never renamed and never gets another
meaning. No answer ever holds a stack trace or a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import HTTPException
from fastapi.responses import JSONResponse

from payout.errors import (
    BadInput,
    CommitUnknown,
    DuplicateRefund,
    KeyUsed,
    LimitReached,
    NotAllowed,
    NotApproved,
    Overtaken,
    PayoutError,
    RefusedByRule,
    SettingsError,
    StaleWrite,
    StoreError,
)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What a code stands for."""

    status: int
    title: str
    remedy: str


def _code(status: int, title: str, remedy: str) -> Code:
    return Code(status=status, title=title, remedy=remedy)


_AGAIN = "send the same request again, with the same Idempotency-Key"

CODES: Final[Mapping[str, Code]] = {
    "malformed_json": _code(400, "The body is not proper JSON", "send one JSON object in UTF-8, each name once"),
    "invalid_idempotency_key": _code(
        400, "The Idempotency-Key cannot be used", "send 1 to 255 visible ASCII characters, such as a UUID"
    ),
    "unauthenticated": _code(
        401, "No valid API key was sent", "send the header `Authorization: Bearer payout_...`; see `payout api-keys`"
    ),
    "scope_missing": _code(
        403, "The API key may not do this", "have a key made with that scope: `payout api-keys add NAME --scope SCOPE`"
    ),
    "address_not_allowed": _code(
        403, "The API key may not be used from this address", "call from one of the networks that the key was made for"
    ),
    "not_allowed": _code(403, "This is not for API keys to do", "ask a person who may"),
    "not_found": _code(404, "There is nothing at this address", "see /api/v1/openapi.json for what there is"),
    "refund_not_found": _code(404, "There is no such refund", "see GET /api/v1/refunds"),
    "endpoint_not_found": _code(404, "There is no such webhook endpoint", "see GET /api/v1/webhook-endpoints"),
    "delivery_not_found": _code(404, "There is no such delivery", "see GET /api/v1/webhook-deliveries"),
    "pause_not_found": _code(404, "This is not paused", "see GET /api/v1/pauses"),
    "method_not_allowed": _code(405, "This method is not for this address", "use one that the header Allow names"),
    "not_acceptable": _code(406, "Only JSON is given here", "send `Accept: application/json`, or leave it out"),
    "body_too_slow": _code(408, "The body came too slowly", "send it at once"),
    "external_id_taken": _code(
        409,
        "This external_id is on record with other facts",
        "use a new external_id for another refund, or amend this one",
    ),
    "stale_revision": _code(
        409, "The refund was changed since you looked", "look at `differences`, read the refund again, then decide"
    ),
    "overtaken": _code(409, "Somebody else acted first", "read the refund again, then decide"),
    "wrong_status": _code(409, "This cannot be done as things stand", "read it again: its status says what can be"),
    "idempotency_in_progress": _code(409, "A request with this Idempotency-Key is being worked on", _AGAIN),
    "changed_meanwhile": _code(409, "It was changed at the same moment", _AGAIN),
    "body_too_large": _code(413, "The body is too large", "send less"),
    "unsupported_media_type": _code(415, "Only JSON is taken here", "send `Content-Type: application/json`"),
    "invalid": _code(422, "Something in the request is wrong", "mend every field that `errors` names"),
    "limit_reached": _code(422, "A limit refuses it", "ask for less, or have the limit raised"),
    "idempotency_key_reused": _code(
        422, "This Idempotency-Key belongs to another request", "use a new key for each new request"
    ),
    "rate_limited": _code(429, "Too many requests with this API key", "wait as long as Retry-After says"),
    "too_many_failures": _code(
        429, "Too many requests without a valid API key", "wait as long as Retry-After says, and send a valid key"
    ),
    "internal": _code(500, "A fault in the program", "tell whoever runs it the `instance` of this answer"),
    "stored_answer_unreadable": _code(
        500,
        "The answer that was kept for this Idempotency-Key cannot be read",
        "read what stands there now with GET; whoever runs it should look at intake.key and `payout audit verify`",
    ),
    "database_unavailable": _code(503, "The database did not answer, and nothing was written", _AGAIN),
    "outcome_unknown": _code(503, "The database's answer was lost: it may have been written", _AGAIN),
    "busy": _code(503, "Too many requests at once", _AGAIN),
}
"""By code, in the order of their statuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One thing that is wrong with one field."""

    field: str
    problem: str
    remedy: str


class Problem(HTTPException):
    """An answer that is an error. `field` and `remedy` are those of the first of `errors` where there are any."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        differences: Sequence[tuple[str, str | None, str | None]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        kind = CODES[code]
        self.code = code
        self.errors = tuple(errors)
        self.differences = tuple(differences)
        first = self.errors[0] if self.errors else None
        words = detail or ("; ".join(f"{each.field} {each.problem}" for each in self.errors) or kind.title)
        self.field = first.field if first else None
        self.remedy = first.remedy if first else kind.remedy
        super().__init__(kind.status, words, headers=dict(headers or {}))

    def body(self, instance: str) -> dict[str, Any]:
        """The JSON object."""
        body: dict[str, Any] = {
            "type": f"urn:payout:problem:{self.code}",
            "title": CODES[self.code].title,
            "status": self.status_code,
            "detail": self.detail,
            "code": self.code,
            "field": self.field,
            "remedy": self.remedy,
            "errors": [{"field": each.field, "problem": each.problem, "remedy": each.remedy} for each in self.errors],
            "instance": instance,
        }
        if self.differences:
            body["differences"] = [{"field": field, "seen": seen, "now": now} for field, seen, now in self.differences]
        return body

    def response(self, instance: str) -> JSONResponse:
        """As it is sent."""
        return JSONResponse(self.body(instance), self.status_code, self.headers, media_type=MEDIA_TYPE)


def invalid(found: Sequence[PayoutError]) -> Problem:
    """All that is wrong with what was handed in, at once."""
    errors = [_field_error(error) for error in found]
    only_limits = all(isinstance(error, LimitReached) for error in found)
    return Problem("limit_reached" if only_limits else "invalid", errors=errors)


def _field_error(error: PayoutError) -> FieldError:
    if isinstance(error, BadInput):
        return FieldError(field=error.field, problem=error.problem, remedy=error.remedy)
    problem, _, remedy = str(error).rpartition(": ")
    return FieldError(field="usd", problem=problem or str(error), remedy=remedy)


_AS_SAID: Final[tuple[tuple[type[PayoutError], str], ...]] = (
    (LimitReached, "limit_reached"),
    (NotAllowed, "not_allowed"),
    (NotApproved, "not_allowed"),
    (RefusedByRule, "wrong_status"),
)
"""Refusals by a rule say what is wrong in their own words. The first that fits counts."""

_RETRY: Final[tuple[tuple[type[PayoutError], str], ...]] = (
    (StaleWrite, "changed_meanwhile"),
    (CommitUnknown, "outcome_unknown"),
    (KeyUsed, "idempotency_in_progress"),
    # What the database itself said may name its host.
    (StoreError, "database_unavailable"),
)


def problem_of(error: PayoutError) -> Problem:  # noqa: PLR0911  (one line a kind reads best)
    """What an error of the business is to the caller."""
    match error:
        case DuplicateRefund():
            return Problem("external_id_taken", errors=[_field_error(error)])
        case BadInput():
            return invalid([error])
        case Overtaken():
            code = "stale_revision" if error.differences else "overtaken"
            return Problem(code, str(error), differences=error.differences)
        case SettingsError():
            return Problem("internal", "the settings of this installation do not allow it: see its log")
    for kind, code in _AS_SAID:
        if isinstance(error, kind):
            return Problem(code, str(error))
    for kind, code in _RETRY:
        if isinstance(error, kind):
            return Problem(code, headers={"Retry-After": str(RETRY_SECONDS)})
    return Problem("internal")
