"""`/pauses`: a key with the scope admin may stop payouts, and lift what it stopped itself; never what another did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse

from adapters.console.api.acting import Acting
from adapters.console.api.problems import FieldError, Problem
from adapters.console.api.route import PREFIX, ApiRoute, takes
from adapters.console.api.schemas.base import TIME_EXAMPLE, Key
from adapters.console.api.schemas.pauses import PauseIn, PauseOut, PausePage, PauseSet
from adapters.console.api.schemas.problem import problems
from payout.api_key import Scope
from payout.history_json import pause_json

router = APIRouter(prefix=f"{PREFIX}/pauses", tags=["pauses"], route_class=ApiRoute)

Scoped = Annotated[Key, Path(description='A wallet, a processor, or "all".', examples=["all"])]


@router.get("", response_model=PausePage, responses=problems(), openapi_extra=takes(Scope.ADMIN), summary="List pauses")
def list_pauses(act: Acting) -> Response:
    """All in force, those left as files too."""
    return JSONResponse({"data": [pause_json(pause) for pause in act.parts.pauses()], "next_cursor": None})


@router.put(
    "/{scope}",
    response_model=PauseSet,
    responses=problems("changed_meanwhile", body=True),
    openapi_extra=takes(Scope.ADMIN),
    summary="Pause",
)
def set_pause(scope: Scoped, given: PauseIn, act: Acting) -> Response:
    """In effect within two seconds. What is committed already still goes out, and is named."""
    until = None if given.until is None else _moment(given.until)
    act.parts.check_scope(scope)

    pause = act.parts.desk(act.parts.store).pause(scope, act.who, given.why, until)
    return JSONResponse({**pause_json(pause), "still_going_out": act.parts.committed(scope).to_json()})


@router.delete(
    "/{scope}",
    response_model=PauseOut,
    responses=problems("pause_not_found", "not_allowed", "changed_meanwhile"),
    openapi_extra=takes(Scope.ADMIN),
    summary="Lift a pause of this key's own",
)
def lift_pause(scope: Scoped, act: Acting) -> Response:
    """One that a person or another key set is left: a key can stop money, and never start it."""
    act.parts.check_scope(scope)

    mine = next((pause for pause in act.parts.pauses() if (pause.scope, pause.who) == (scope, act.who)), None)
    # Raises where others paused it and this key did not.
    if not act.parts.desk(act.parts.store).resume(scope, act.who) or mine is None:
        raise Problem("pause_not_found", f"this key has not paused {scope!r}")
    return JSONResponse(pause_json(mine))


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):  # Overflow: it is none of the years that there are, in UTC.
        pass
    remedy = f"write it as {TIME_EXAMPLE}"
    raise Problem("invalid", errors=[FieldError(field="until", problem="is no time with its zone", remedy=remedy)])
