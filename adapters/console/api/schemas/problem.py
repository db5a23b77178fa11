"""The one shape of every error."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from adapters.console.api.problems import CODES, MEDIA_TYPE, Problem
from adapters.console.api.schemas.base import Closed

_INSTANCE = "urn:uuid:6f0c2f4e-8d0e-4b39-9f57-0d6c8f1f2a11"


class FieldErrorOut(Closed):
    """One thing that is wrong with one field."""

    field: str
    problem: str
    remedy: str


class DifferenceOut(Closed):
    """What changed since the caller looked."""

    field: str
    seen: str | None
    now: str | None


class ProblemOut(Closed):
    """An error by RFC 9457."""

    type: str = Field(examples=["urn:payout:problem:invalid"])
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable: programs decide by it.", json_schema_extra={"enum": list(CODES)})
    field: str | None = Field(description="The first field that is wrong, if it is about fields.")
    remedy: str = Field(description="What to do about it.")
    errors: list[FieldErrorOut]
    instance: str = Field(description="Names this one answer, in the log of the installation too.")
    differences: list[DifferenceOut] = Field(default=[], description="Only for stale_revision.")


_ALWAYS = ("unauthenticated", "scope_missing", "address_not_allowed", "not_acceptable", "rate_limited")
_LAST = ("too_many_failures", "internal", "database_unavailable", "busy", "invalid")
_BODY = ("malformed_json", "body_too_slow", "body_too_large", "unsupported_media_type")
_KEPT = (
    "invalid_idempotency_key",
    "idempotency_in_progress",
    "idempotency_key_reused",
    "stored_answer_unreadable",
    "outcome_unknown",
)


def problems(*codes: str, body: bool = False, kept: bool = False) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route: these errors, with those that every route has."""
    every = [*_ALWAYS, *codes, *_LAST, *(_BODY if body else ()), *(_KEPT if kept else ())]
    found: dict[int | str, dict[str, Any]] = {}
    for code in dict.fromkeys(every):
        kind = CODES[code]
        said = found.setdefault(
            kind.status, {"description": kind.title, "content": {MEDIA_TYPE: {"examples": {}, "schema": _SCHEMA}}}
        )
        said["content"][MEDIA_TYPE]["examples"][code] = {"summary": kind.title, "value": Problem(code).body(_INSTANCE)}
    return dict(sorted(found.items(), key=lambda each: int(each[0])))


_SCHEMA = {"$ref": "#/components/schemas/ProblemOut"}
