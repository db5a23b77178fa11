"""What an order shows of itself: the truth, or what its faults make of it."""

from __future__ import annotations

from dataclasses import replace

from deploy.sandbox.processor.faults import falsified, invented_txid
from deploy.sandbox.processor.order import Order, Shown, Stage

BACKWARD_LOOKS = 2


def show(order: Order, call: str) -> Shown:
    """The order as the answer to `call` has it. A look counts where a fault is over after some."""
    truth = Shown(
        id=order.id,
        processor=order.processor,
        rate_id=order.rate_id,
        provider=order.provider,
        provider_id=order.provider_id,
        secret=order.secret,
        coin=order.coin,
        receive=order.receive,
        deposit=order.deposit,
        deposit_address=order.deposit_address,
        destination=order.destination,
        memo=order.memo,
        return_address=order.return_address,
        stage=order.stage,
        contract=order.coin.contract,
        created_at=order.created_at,
        updated_at=order.updated_at,
        expires_at=order.expires_at,
        deposit_txid=order.deposit_txid,
        deposited=order.deposited,
        deposited_at=order.deposited_at,
        settle_txid=order.payout_txids[0] if order.payout_txids else None,
        settled=order.settled,
        return_txid=order.return_txid,
        returned=order.returned,
    )
    return falsified(order, _lied(order, _settlement(order, truth), call), call)


def _settlement(order: Order, shown: Shown) -> Shown:
    """Which transaction it says paid the customer."""
    like = shown.settle_txid or ("0x" if order.coin.network == "ethereum" else "")
    if "no_hash" in order.faults:
        return replace(shown, settle_txid=None)
    if {"wrong_hash", "never"} & order.faults.keys() and shown.stage in {Stage.SENDING, Stage.FINISHED}:
        order.invented = order.invented or invented_txid(like)
        return replace(shown, settle_txid=order.invented)
    return shown


def _lied(order: Order, shown: Shown, call: str) -> Shown:
    """Which stage it says it is in."""
    if "early" in order.faults and shown.stage in {Stage.CONFIRMING, Stage.EXCHANGING, Stage.SENDING}:
        return replace(shown, stage=Stage.FINISHED, settled=order.receive)
    if "backwards" in order.faults and shown.stage is Stage.FINISHED:
        looks = int(order.faults["backwards"] or BACKWARD_LOOKS)
        order.reads_after_end += call == "read"
        if 1 < order.reads_after_end <= 1 + looks:
            return replace(shown, stage=Stage.EXCHANGING, settle_txid=None)
    return shown
