"""What the clients share: pace, amounts, lists, and words that show no secret."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from adapters.processors.base import UNNAMED, Access, Answer, Entry, Pace, Words, readable
from adapters.processors.base.answer import spoken
from adapters.processors.base.listing import same_contract, survey
from adapters.processors.base.pace import Bucket
from payout.asset import XMR, Asset
from payout.errors import ProcessorGarbled, RailUnavailable
from payout.money import Money

USDC = Asset(code="USDC", network="solana", decimals=6)
CONTRACT = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
MONERO = Entry(ticker="xmr", network="xmr", contract=None)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


def bucket(time: Time, **pace: Any) -> Bucket:
    limits = Pace(**{"per_second": 1, "burst": 2, "wait_seconds": 3, **pace})
    return Bucket("exolix", limits, monotonic=time.monotonic, sleep=time.sleep)


def test_a_burst_goes_at_once_and_the_rest_one_by_one() -> None:
    time = Time()
    slots = bucket(time)

    for _ in range(4):
        slots.take()

    assert time.slept == [1, 1]


def test_a_slot_that_is_too_far_off_is_refused_and_not_used_up() -> None:
    time = Time()
    slots = bucket(time, wait_seconds=0.5)
    slots.take()
    slots.take()

    for _ in range(5):
        with pytest.raises(RailUnavailable, match="exolix"):
            slots.take()
    time.now += 1
    slots.take()

    assert time.slept == []


def test_idle_time_does_not_save_up_more_than_a_burst() -> None:
    time = Time()
    slots = bucket(time)
    time.now += 3600

    for _ in range(3):
        slots.take()

    assert time.slept == [1]


def test_a_processor_that_asks_for_patience_gets_it() -> None:
    time = Time()
    slots = bucket(time)
    slots.close(60)
    slots.close(5)

    with pytest.raises(RailUnavailable):
        slots.take()
    time.now += 58
    slots.take()

    assert time.slept == [2]


@pytest.mark.parametrize("told", [Decimal("1e-05"), "0.00001", "1E-5", Decimal("0.000010")])
def test_an_amount_is_the_same_as_number_as_text_and_with_an_exponent(told: object) -> None:
    assert Answer({"a": told}, "it").deposit("a") == Money(10_000_000, XMR)


def test_what_we_pay_is_rounded_up_and_what_is_received_down() -> None:
    answer = Answer({"a": Decimal("0.0000000000001"), "b": Decimal("1.9999999")}, "it")

    assert answer.deposit("a") == Money(1, XMR)
    assert answer.received("b", USDC) == Money(1_999_999, USDC)
    assert answer.received("a", USDC) is None


@pytest.mark.parametrize(
    "told", [-1, "-1", True, [], {}, "1,5", "NaN", "0x1", "1e999", "1e40", "9" * 70, " 1", "\uff11"]
)
def test_what_is_no_amount_is_refused(told: object) -> None:
    with pytest.raises(ProcessorGarbled):
        Answer({"a": told}, "it").deposit("a")


@pytest.mark.parametrize(
    ("pinned", "listed", "same"),
    [
        ("0xAbC1", "0xaBc1", True),
        (CONTRACT, CONTRACT, True),
        (CONTRACT, CONTRACT.lower(), False),
        (CONTRACT, None, False),
        (CONTRACT, "", False),
        (CONTRACT, UNNAMED, True),
        (None, None, True),
        (None, "", True),
        (None, "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE", True),
        (None, CONTRACT, False),
    ],
)
def test_a_contract_is_the_pinned_one_or_another(pinned: str | None, listed: str | None, same: bool) -> None:  # noqa: FBT001
    assert same_contract(pinned, listed) is same


def listing(*entries: Entry) -> str | None:
    def words(key: tuple[str, str]) -> Words:
        return Words(ticker=key[0].lower(), networks=("sol",) if key == USDC.key else ("xmr",))

    found = survey("it", entries, {USDC.key: CONTRACT}, words)
    return found[XMR.key].refusal or found[USDC.key].refusal


def entry(**changes: Any) -> Entry:
    return Entry(**{"ticker": "usdc", "network": "sol", "contract": CONTRACT, **changes})


def test_a_token_is_listed_by_its_contract_and_nothing_else() -> None:
    assert listing(MONERO, entry()) is None
    assert listing(MONERO, entry(ticker="USDC", network="SOL")) is None
    assert "contract other" in (listing(MONERO, entry(contract="other")) or "")
    assert "contract none" in (listing(MONERO, entry(contract=None)) or "")
    assert "contract other" in (listing(MONERO, entry(), entry(contract="other")) or "")
    assert "switched" in (listing(MONERO, entry(payable=False)) or "")
    assert "does not list" in (listing(MONERO, entry(network="eth")) or "")


def test_where_no_monero_is_taken_nothing_can_be_had() -> None:
    assert "no Monero" in (listing(entry()) or "")
    assert "no Monero" in (listing(Entry(ticker="xmr", network="xmr", contract=None, takes=False), entry()) or "")


def test_a_row_that_cannot_be_read_is_not_listed_and_spoils_no_other() -> None:
    def read(raw: Any) -> list[Entry]:
        return [Entry(ticker=Answer(raw, "a row").text("t"), network="n", contract=None)]

    assert [entry.ticker for entry in readable([{"t": "a"}, {"t": 7}, None, {"t": "b"}], read, "it")] == ["a", "b"]
    nothings: tuple[Any, ...] = ([], {}, None, "x", [{"t": 7}])
    for nothing in nothings:
        with pytest.raises(ProcessorGarbled, match="it"):
            readable(nothing, read, "it")


def test_words_of_an_error_are_taken_from_where_words_stand_and_hide_the_key() -> None:
    body = {"error": "bad key k3y", "message": "line\nbreak", "password": "p4ss", "errors": {"address": "is wrong"}}

    said = spoken(body, ("k3y",))

    assert "k3y" not in said
    assert "p4ss" not in said
    assert "\n" not in said
    assert "address: is wrong" in said
    assert spoken({"password": "p4ss"}) == spoken(["p4ss"]) == spoken("p4ss") == ""


def test_access_shows_no_key() -> None:
    assert "k3y" not in repr(Access(name="it", url="https://it.example", api_key="k3y"))
