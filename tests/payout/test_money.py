"""Money: exact, of one asset, and read only where nobody could read it otherwise."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payout.asset import USD, XMR, Asset
from payout.errors import BadInput
from payout.money import Money, parse_money, total, units_for, usd_cents_up, usd_value

ETH = Asset(code="ETH", network="ethereum", decimals=18)
YEN = Asset(code="JPY", network="fiat", decimals=0)
USDT_TRON = Asset(code="USDT", network="tron", decimals=6)
USDT_ETHEREUM = Asset(code="USDT", network="ethereum", decimals=6)

UNITS = st.integers(min_value=1, max_value=10**20)
RATES = st.decimals(min_value="0.00000001", max_value="1000000", places=8)


@pytest.mark.parametrize(
    ("units", "asset", "text"),
    [
        (2500, USD, "25.00"),
        (5, USD, "0.05"),
        (-5, USD, "-0.05"),
        (0, USD, "0.00"),
        (81_200_000_000, XMR, "0.0812"),
        (1, XMR, "0.000000000001"),
        (3 * 10**12, XMR, "3"),
        (0, XMR, "0"),
        (10**40, ETH, "10000000000000000000000"),
        (120, YEN, "120"),
    ],
)
def test_an_amount_is_written_without_exponent_and_without_loss(units: int, asset: Asset, text: str) -> None:
    assert str(Money(units, asset)) == text
    assert Money(units, asset).decimal == Decimal(text)


def test_the_decimal_of_more_digits_than_a_decimal_context_holds_is_exact() -> None:
    units = 123_456_789_012_345_678_901_234_567_890_123_456_789

    assert str(Money(units, ETH).decimal) == "123456789012345678901.234567890123456789"


def test_amounts_of_one_asset_add_subtract_and_compare() -> None:
    small, large = Money(100, USD), Money(250, USD)

    assert small + large == Money(350, USD)
    assert small - large == Money(-150, USD)
    assert -small == Money(-100, USD)
    assert small < large
    assert small <= small  # noqa: PLR0124
    assert large > small
    assert large >= large  # noqa: PLR0124
    assert total([small, large], USD) == Money(350, USD)
    assert total([], USD) == Money(0, USD)


@pytest.mark.parametrize(
    "operation",
    [
        Money.__add__,
        Money.__sub__,
        Money.__lt__,
        Money.__le__,
        Money.__gt__,
        Money.__ge__,
    ],
)
def test_the_same_code_on_two_networks_never_mixes(operation: object) -> None:
    assert callable(operation)
    with pytest.raises(ValueError, match="USDT on tron with USDT on ethereum"):
        operation(Money(1, USDT_TRON), Money(1, USDT_ETHEREUM))
    assert Money(1, USDT_TRON) != Money(1, USDT_ETHEREUM)


@pytest.mark.parametrize("units", [1.0, True, Decimal(1), "1"])
def test_units_that_are_not_whole_numbers_are_refused(units: int) -> None:
    with pytest.raises(TypeError, match="must be int"):
        Money(units, USD)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("nan", "not a finite number"),
        ("NaN", "not a finite number"),
        ("-sNaN", "not a finite number"),
        ("inf", "not a finite number"),
        ("-Infinity", "not a finite number"),
        ("-25.00", "negative"),
        ("-0", "negative"),
        ("0", "is zero"),
        ("0.00", "is zero"),
        ("1e3", "exponent"),
        ("1E-3", "exponent"),
        ("-2.5e+3", "exponent"),
        ("+25", "plus sign"),
        ("25\x00", "control character"),
        ("25\n", "control character"),
        ("25\u202e", "control character"),
        ("25\u200b", "control character"),
        (" 25", "space"),
        ("25 000", "space"),
        ("25\u00a0000", "space"),
        ("1,000", "thousands separator"),
        ("1_000", "thousands separator"),
        ("1'000", "thousands separator"),
        ("\u0662\u0665", "not ASCII"),
        ("\uff12\uff15", "not ASCII"),
        ("25€", "not ASCII"),
        ("25.001", "3 decimals, USD has at most 2"),
        ("1" + "0" * 18, "too large"),
        ("9" * 5000, "too large"),
        ("$25", "not a plain decimal number"),
        ("0x19", "not a plain decimal number"),
        (".5", "not a plain decimal number"),
        ("5.", "not a plain decimal number"),
        ("1.2.3", "not a plain decimal number"),
        ("--5", "negative"),
        ("twenty", "not a plain decimal number"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_by_name(text: str, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_money(text, USD, name="usd")

    assert refused.value.field == "usd"
    assert problem in refused.value.problem
    assert "plain digits" in refused.value.remedy
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 250


def test_a_plain_amount_is_read_to_the_unit() -> None:
    assert parse_money("25", USD, name="usd") == Money(2500, USD)
    assert parse_money("25.5", USD, name="usd") == Money(2550, USD)
    assert parse_money("0.000000000001", XMR, name="amount_max") == Money(1, XMR)
    assert parse_money("9" * 18 + ".99", USD, name="usd") == Money(10**20 - 1, USD)


@given(units=UNITS, asset=st.sampled_from([USD, XMR, YEN]))
def test_what_is_written_is_read_back_to_the_unit(units: int, asset: Asset) -> None:
    if units >= 10 ** (18 + asset.decimals):
        units %= 10**18
    if units:
        assert parse_money(str(Money(units, asset)), asset, name="x") == Money(units, asset)


@given(text=st.text())
def test_any_text_is_read_exactly_or_refused(text: str) -> None:
    try:
        amount = parse_money(text, USD, name="usd")
    except BadInput:
        return
    assert amount.decimal == Decimal(text)
    assert amount.units > 0


def test_what_is_owed_is_rounded_down_to_whole_units() -> None:
    assert units_for(Money(2500, USD), Decimal(150), XMR) == Money(166_666_666_666, XMR)
    assert units_for(Money(1, USD), Decimal(100000000000000), XMR) == Money(0, XMR)


@given(cents=UNITS, rate=RATES)
def test_the_units_paid_are_the_most_that_are_not_worth_more_than_owed(cents: int, rate: Decimal) -> None:
    paid = units_for(Money(cents, USD), rate, XMR)

    owed = Fraction(cents, 100)
    assert Fraction(paid.units, 10**12) * Fraction(rate) <= owed
    assert Fraction(paid.units + 1, 10**12) * Fraction(rate) > owed


@given(units=UNITS, rate=RATES)
def test_a_cost_is_rounded_up_by_less_than_a_cent(units: int, rate: Decimal) -> None:
    cost = usd_cents_up(Money(units, XMR), rate)

    exact = Fraction(usd_value(Money(units, XMR), rate))
    assert exact == Fraction(units, 10**12) * Fraction(rate)
    assert 0 <= Fraction(cost.units, 100) - exact < Fraction(1, 100)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_that_is_no_price_never_prices_anything(rate: str) -> None:
    with pytest.raises(ValueError, match="positive finite"):
        units_for(Money(1, USD), Decimal(rate), XMR)
    with pytest.raises(ValueError, match="positive finite"):
        usd_value(Money(1, XMR), Decimal(rate))
    with pytest.raises(ValueError, match="positive finite"):
        usd_cents_up(Money(1, XMR), Decimal(rate))


def test_only_dollars_that_are_owed_can_be_priced() -> None:
    with pytest.raises(ValueError, match="must be USD"):
        units_for(Money(1, XMR), Decimal(1), XMR)
    with pytest.raises(ValueError, match="not negative"):
        units_for(Money(-1, USD), Decimal(1), XMR)


@pytest.mark.parametrize("changes", [{"code": ""}, {"network": ""}, {"decimals": -1}])
def test_an_asset_without_name_or_with_absurd_decimals_is_refused(
    changes: dict[str, object],
) -> None:
    facts: dict[str, object] = {"code": "XMR", "network": "monero", "decimals": 12, **changes}
    with pytest.raises(ValueError, match=r"asset|decimals"):
        Asset(**facts)  # type: ignore[arg-type]
