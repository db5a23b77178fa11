"""What may be changed and seen of a running processor by commands in another process."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from deploy.sandbox.processor.coin import MONERO
from deploy.sandbox.processor.engine import Engine
from deploy.sandbox.processor.faults import CALL_FAULTS, ORDER_FAULTS
from deploy.sandbox.processor.order import Order
from deploy.sandbox.processor.protocol import text

POLICIES = frozenset({"under", "over", "late"})
WISHES = frozenset({"pay", "return", "hold"})


def control(engine: Engine, wish: dict[str, Any]) -> None:
    """Apply a wish. Raises ValueError and its like for what cannot be done; what came before is done.

    {"prices": {"ETH": "2600"}}, {"processor": "exolix", "spread": "0.02"}, {"advance": 600},
    {"policy": {"late": "pay", "confirmations": 3}}, {"release": ORDER, "how": "return"},
    {"mend": ORDER or true}, and faults: {"fault": KIND} with "order" (an id or "next"), "value", or, for
    faults of calls, "processor", "call", "times" (null: always) and "seconds".
    """
    for code, usd in wish.get("prices", {}).items():
        engine.prices.set_price(code, str(usd))
    if "spread" in wish:
        engine.prices.set_spread(str(wish["processor"]), str(wish["spread"]))
    if "advance" in wish:
        engine.advance(float(wish["advance"]))
    for name, value in wish.get("policy", {}).items():
        _set_policy(engine, name, value)
    if "release" in wish:
        engine.release(str(wish["release"]), str(wish.get("how", "pay")))
    if "mend" in wish:
        engine.mend(None if wish["mend"] is True else str(wish["mend"]))
    if "fault" in wish:
        _fault(engine, wish)


def _set_policy(engine: Engine, name: str, value: object) -> None:
    if name == "confirmations":
        engine.policy.confirmations = int(str(value))
    elif name == "return_fee_percent":
        engine.policy.return_fee_percent = Decimal(str(value))
    elif name in POLICIES and value in WISHES:
        setattr(engine.policy, name, value)
    else:
        raise ValueError(f"no policy {name} = {value}: {', '.join(sorted(POLICIES))} are pay, return or hold")


def _fault(engine: Engine, wish: dict[str, Any]) -> None:
    kind = str(wish["fault"])
    if kind.partition("@")[0] in ORDER_FAULTS:
        order = str(wish.get("order") or "next")
        engine.fault(kind, None if order == "next" else order, str(wish.get("value") or ""))
        return
    if kind not in CALL_FAULTS:
        raise ValueError(f"no fault {kind}: there are {', '.join([*CALL_FAULTS, *ORDER_FAULTS])}")
    times = wish.get("times", 1)
    with engine.lock:
        engine.faults.plan_call(
            kind,
            processor=wish.get("processor") or None,
            call=wish.get("call") or None,
            times=None if times is None else int(times),
            seconds=float(wish.get("seconds", 2)),
        )


def state(engine: Engine) -> dict[str, Any]:
    """Everything that a person may want to see, JSON-ready."""
    with engine.lock:
        return {
            "now": engine.now().isoformat(timespec="seconds"),
            "prices": {code: f"{price:f}" for code, price in engine.prices.usd.items()},
            "faults": engine.faults.planned(),
            "coins": list(engine.coins),
            "orders": [_order(order) for order in engine.orders.values()],
        }


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "processor": order.processor,
        "stage": order.stage.value,
        "history": [stage.value for stage in order.history],
        "deposit": f"{text(MONERO, order.deposit)} XMR",
        "deposit_address": order.deposit_address,
        "receive": f"{text(order.coin, order.receive)} {order.coin.key}",
        "destination": order.destination,
        "memo": order.memo,
        "deposit_txid": order.deposit_txid,
        "payout_txids": order.payout_txids,
        "return_address": order.return_address,
        "return_txid": order.return_txid,
        "expires_at": order.expires_at.isoformat(timespec="seconds"),
        "faults": dict(order.faults),
        "trouble": order.trouble,
    }
