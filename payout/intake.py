"""
Intake: a refund is put on record once, by the merchant's external_id.

Facts are normalised and checked before anything is written. The same external_id with the same facts is the same
refund, for ever; with other facts it is refused. Whatever is put on record carries intake's seal, so that no row that
something else wrote is ever paid.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from payout.asset import USD
from payout.change import Change, PaymentCap
from payout.errors import BadInput, DuplicateRefund, LimitReached, PayoutError
from payout.event import Event
from payout.facts import facts_digest
from payout.money import Money, parse_money
from payout.refund import Refund, RefundStatus, refund_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from payout.approval import Approval, Approver
    from payout.asset import Asset
    from payout.limits import Limits
    from payout.ports import Clock, Store

    DestinationCheck = Callable[[Asset, str, str | None], None]
    """(asset, address, memo): raises BadInput unless it is valid there, and not one of our own."""

EXTERNAL_ID_MAX = 128
TEXT_MAX = 500
PAYMENT_TX_MAX = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a merchant hands in: plain text, as it was given."""

    external_id: str
    usd: str
    asset: str
    destination: str
    network: str | None = None
    memo: str | None = None
    payment_tx: str | None = None
    paid_usd: str | None = None
    amount_max: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A refund on record, and whether this call put it there."""

    refund: Refund
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Puts refunds on record."""

    store: Store
    clock: Clock
    instance: str
    limits: Limits
    assets: Mapping[tuple[str, str], Asset]
    check_destination: DestinationCheck
    approver: Approver

    def read(self, request: Request, who: str) -> tuple[Refund | None, tuple[PayoutError, ...]]:
        """
        The refund that a request asks for, or every problem with it. Writes nothing.

        Problems are BadInput (a field is wrong) or LimitReached (a rule refuses it).
        """
        reader = _Reader(self, request)
        fields = reader.fields()
        if reader.problems:
            return None, tuple(reader.problems)
        refund = Refund(
            id=refund_id(self.instance, fields["external_id"]),
            requested_by=who,
            requested_at=self.clock.now(),
            **fields,
        )
        return replace(refund, facts=facts_digest(refund)), ()

    def add(self, refunds: Sequence[Refund]) -> tuple[Taken, ...]:
        """
        Put refunds on record, all or none; those already there with the same facts are returned as they stand.

        New ones are sealed, and where the rules ask for no person, approved.

        Raises:
            DuplicateRefund: an external_id is on record, or twice among these, with other facts.
            LimitReached: refunds of one payment would sum above what it was worth.
            BadInput: a payment's worth contradicts the record.
        """
        if len(refunds) == 1:
            # One by itself is new, as a rule: the write finds out if it is not, or if that is why it is refused.
            with suppress(BadInput, LimitReached):
                return self._add(refunds, known={})
        try:
            return self._add(refunds, self._known(refunds))
        except DuplicateRefund:
            # Another process put one of them on record between our look and our write: look once more.
            return self._add(refunds, self._known(refunds))

    def _known(self, refunds: Sequence[Refund]) -> dict[str, Refund]:
        return {refund.id: refund for refund in self.store.refunds([refund.id for refund in refunds])}

    def _add(self, refunds: Sequence[Refund], known: dict[str, Refund]) -> tuple[Taken, ...]:
        unique = _unique(refunds)
        for refund in unique.values():
            if refund.id in known:
                _same(known[refund.id], refund)
        new = {refund.id: self._sealed(refund) for refund in unique.values() if refund.id not in known}
        if new:
            self.store.commit(self._change([refund for refund, _ in new.values()], [each for _, each in new.values()]))
        rows = known | {key: refund for key, (refund, _) in new.items()}
        return tuple(Taken(refund=rows[refund.id], new=refund.id in new) for refund in refunds)

    def _sealed(self, asked: Refund) -> tuple[Refund, Approval | None]:
        """The row to write, and intake's own approval of it, where the rules allow one."""
        refund = self.approver.sealed(asked)
        approval = self.approver.automatic(refund, refund.requested_at)
        if approval is None:
            return refund, None
        approved = replace(
            refund,
            status=RefundStatus.APPROVED,
            approved_at=approval.signed_at,
            approved_until=approval.expires_at,
        )
        return approved, approval

    def _change(self, new: Sequence[Refund], approvals: Sequence[Approval | None]) -> Change:
        events: list[Event] = []
        for refund, approval in zip(new, approvals, strict=True):
            words = f"{refund.owed} USD owed in {refund.asset.code}"
            events.append(_event(refund, "refund.requested", words, refund.requested_by))
            if approval is not None:
                words = "no person has to approve so little"
                events.append(_event(refund, "refund.approved", words, approval.signer))
        caps = {
            (refund.payment_tx, refund.paid): PaymentCap(payment_tx=refund.payment_tx, paid=refund.paid)
            for refund in new
            if refund.payment_tx
        }
        return Change(
            refunds=tuple(new),
            approvals=tuple(approval for approval in approvals if approval is not None),
            events=tuple(events),
            payment_caps=tuple(caps.values()),
        )


def _event(refund: Refund, kind: str, words: str, who: str) -> Event:
    return Event(at=refund.requested_at, kind=kind, words=words, who=who, refund_id=refund.id)


def choose_asset(assets: Mapping[tuple[str, str], Asset], code: str, network: str | None) -> Asset:
    """
    The payable asset that these words mean.

    Raises:
        BadInput: none, or more than one; names what there is.
    """
    code, network = code.strip().upper(), (network or "").strip().lower()
    fits = [asset for asset in assets.values() if asset.code == code and network in ("", asset.network)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        names = ", ".join(sorted(asset.network for asset in fits))
        raise BadInput("network", f"{code} exists on several networks", f"give one of {names}")
    networks = ", ".join(sorted(asset.network for asset in assets.values() if asset.code == code))
    if networks:
        raise BadInput("network", f"{code} cannot be paid on {_shown(network)}", f"use {networks}")
    known = ", ".join(sorted({asset.code for asset in assets.values()}))
    raise BadInput("asset", f"{_shown(code)} cannot be paid", f"use one of {known}")


class _Reader:
    """Reads one request's fields, and keeps each problem instead of stopping at the first."""

    def __init__(self, intake: Intake, request: Request) -> None:
        self.intake = intake
        self.request = request
        self.problems: list[PayoutError] = []

    def fields(self) -> dict[str, Any]:
        """The refund's facts, normalised; incomplete where there are problems."""
        request = self.request
        asset = self._asset()
        fields: dict[str, Any] = {
            "external_id": self._text("external_id", request.external_id, EXTERNAL_ID_MAX, need=True),
            "owed": self._money("usd", request.usd, USD),
            "asset": asset,
            "destination": request.destination.strip(),
            "memo": self._text("memo", request.memo, TEXT_MAX),
            "payment_tx": self._text("payment_tx", request.payment_tx, PAYMENT_TX_MAX),
            "paid": self._money("paid_usd", request.paid_usd, USD) if request.paid_usd else None,
            "amount_max": None,
            "reason": self._text("reason", request.reason, TEXT_MAX),
        }
        if asset and request.amount_max:
            fields["amount_max"] = self._money("amount_max", request.amount_max, asset)
        self._check_whole(fields)
        return fields

    def _check_whole(self, fields: dict[str, Any]) -> None:
        """Rules that look at more than one field."""
        if fields["owed"]:
            caps = self.intake.approver.rules().caps
            self._try(lambda: self.intake.limits.check_refund(fields["owed"], caps))
        if fields["asset"]:
            self._try(lambda: self.intake.check_destination(fields["asset"], fields["destination"], fields["memo"]))
        if fields["paid"] and not fields["payment_tx"]:
            self.problems.append(
                BadInput(
                    "paid_usd",
                    "says what a payment was worth, but payment_tx does not name the payment",
                    "give payment_tx too, or leave paid_usd out",
                )
            )

    def _asset(self) -> Asset | None:
        try:
            return choose_asset(self.intake.assets, self.request.asset, self.request.network)
        except BadInput as error:
            self.problems.append(error)
            return None

    def _money(self, name: str, text: str, asset: Asset) -> Money | None:
        try:
            return parse_money(text.strip(), asset, name=name)
        except BadInput as error:
            self.problems.append(error)
            return None

    def _text(self, name: str, text: str | None, most: int, *, need: bool = False) -> str | None:
        text = (text or "").strip()
        if not text:
            if need:
                self.problems.append(BadInput(name, "is empty", "give the merchant's own id"))
            return None
        if any(unicodedata.category(char).startswith("C") for char in text):
            problem = f"{_shown(text)} holds a control or invisible character"
            self.problems.append(BadInput(name, problem, "remove it"))
        if len(text) > most:
            problem = f"is {len(text)} characters long"
            self.problems.append(BadInput(name, problem, f"use at most {most}"))
        return unicodedata.normalize("NFC", text)

    def _try(self, check: Callable[[], None]) -> None:
        try:
            check()
        except (BadInput, LimitReached) as error:
            self.problems.append(error)


def _unique(refunds: Sequence[Refund]) -> dict[str, Refund]:
    """By id; one external_id given twice must say the same twice."""
    unique: dict[str, Refund] = {}
    for refund in refunds:
        first = unique.setdefault(refund.id, refund)
        _same(first, refund)
    return unique


def _same(known: Refund, given: Refund) -> None:
    if known.facts != given.facts:
        raise DuplicateRefund(
            "external_id",
            f"{known.external_id} is on record with other facts "
            f"({known.owed} USD in {known.asset.code} to {known.destination})",
            "use a new external_id for another refund, or amend this one",
        )


def _shown(text: str) -> str:
    """Safe to print: escapes, and not too long."""
    return repr(text[:40])
