"""`/quotes`: what a refund would pay now, and why. Nothing is written, and nothing promised."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from adapters.console.api.acting import Act, Acting
from adapters.console.api.problems import FieldError, Problem, invalid
from adapters.console.api.refunds import find
from adapters.console.api.route import PREFIX, ApiRoute, takes
from adapters.console.api.schemas.problem import problems
from adapters.console.api.schemas.quotes import QuoteIn, QuoteOut
from payout.api_key import Scope
from payout.approval import FEE_RULE
from payout.asset import USD
from payout.errors import BadInput
from payout.intake import choose_asset
from payout.money import parse_money
from payout.preview import Preview, Room
from payout.quote import METHOD, Verdict
from payout.refund import Refund
from payout.text import iso, plain

router = APIRouter(prefix=f"{PREFIX}/quotes", tags=["quotes"], route_class=ApiRoute)


@router.post(
    "",
    response_model=QuoteOut,
    responses=problems("refund_not_found", body=True),
    openapi_extra=takes(Scope.READ),
    summary="What would it pay now, and why",
)
def make_quote(given: QuoteIn, act: Acting) -> Response:
    """Of a refund on record, or of any amount. Rates are those of the last seconds, from the sources themselves."""
    if given.refund is not None:
        _check_alone(given)
        preview = act.parts.previewer.look(find(act, given.refund), on_record=True)
    else:
        preview = act.parts.previewer.look(_proposed(given, act), on_record=False)
    return JSONResponse(_shown(preview, on_record=given.refund is not None))


def _check_alone(given: QuoteIn) -> None:
    beside = [name for name in ("usd", "asset", "network") if getattr(given, name) is not None]
    if beside:
        remedy = "give either a refund, or usd and asset"
        raise Problem(
            "invalid",
            errors=[FieldError(field=name, problem="stands beside a refund", remedy=remedy) for name in beside],
        )


def _proposed(given: QuoteIn, act: Act) -> Refund:
    """A refund that is not on record."""
    missing = [name for name in ("usd", "asset") if getattr(given, name) is None]
    if missing:
        remedy = "give a refund, or usd and asset"
        raise Problem(
            "invalid", errors=[FieldError(field=name, problem="is missing", remedy=remedy) for name in missing]
        )
    found: list[BadInput] = []
    owed = asset = None
    try:
        owed = parse_money((given.usd or "").strip(), USD, name="usd")
    except BadInput as error:
        found.append(error)
    try:
        asset = choose_asset(act.parts.assets, given.asset or "", given.network)
    except BadInput as error:
        found.append(error)
    if owed is None or asset is None:
        raise invalid(found)
    now = act.parts.clock.now()
    return Refund(id="", external_id="", owed=owed, asset=asset, destination="", requested_by=act.who, requested_at=now)


def _shown(preview: Preview, *, on_record: bool) -> dict[str, Any]:
    refund, quote = preview.refund, preview.quote
    return {
        "refund": refund.id if on_record else None,
        "owed_usd": str(refund.owed),
        "asset": refund.asset.code,
        "network": refund.asset.network,
        "amount": None if preview.amount is None else str(preview.amount),
        "rounding": f"down, to {refund.asset.decimals} decimals",
        "rate_usd": plain(quote.rate) if quote else None,
        "taken_at": iso(quote.taken_at) if quote else None,
        "expires_at": iso(quote.expires_at) if quote else None,
        "method": METHOD,
        "sources": [_source(preview, verdict) for verdict in preview.verdicts],
        "refusal": preview.refusal,
        "fee_rule": FEE_RULE,
        "rail": "processor" if preview.rail.processors else "wallet",
        "pays_now": not preview.waits_for,
        "waits_for": list(preview.waits_for),
        "approvals": {"needed": preview.needed, "given": len(preview.signers), "signers": list(preview.signers)},
        "caps": [_cap(room) for room in preview.rooms],
        "notes": _notes(preview),
    }


def _source(preview: Preview, verdict: Verdict) -> dict[str, Any]:
    sample = preview.sample(verdict.source)
    return {
        "source": verdict.source,
        "pair": verdict.pair,
        "price_usd": plain(verdict.price),
        "as_of": iso(sample.as_of) if sample else None,
        "taken": verdict.taken,
        "why": verdict.why,
    }


def _cap(room: Room) -> dict[str, str]:
    return {
        "scope": room.ceiling.scope,
        "day": room.ceiling.day,
        "cap_usd": str(room.cap),
        "used_usd": str(room.used),
        "left_usd": str(room.left),
    }


def _notes(preview: Preview) -> list[str]:
    refund = preview.refund
    notes = ["The rate is taken anew when the payment is committed, and so may be another one."]
    if refund.amount_max is not None and preview.amount == refund.amount_max:
        notes.append("It is capped by the refund's amount_max.")
    if preview.rail.processors:
        notes.append(
            "No processor is asked for an offer here: what the swap costs the merchant is known when its order is made."
            " The customer receives this amount."
        )
    if refund.waiting_for:
        notes.append(f"When the worker last looked, it waited for {refund.waiting_for}.")
    return notes
