"""
How several sources become one rate, or a refusal in words.

The order of the samples never matters, one source never counts twice, and a lone source that is
far off never moves the rate outside the range of those that agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from types import MappingProxyType
from typing import Final

from payout.asset import USD
from payout.errors import RateError, RatesDisagree, RateUnavailable
from payout.money import EXACT
from payout.quote.history import RateHistory, is_off
from payout.quote.rules import QuoteRules
from payout.quote.sample import Sample, Verdict
from payout.quote.value import Quote

NONE_ABSENT: Final[Mapping[str, str]] = MappingProxyType({})
HALF: Final = Decimal("0.5")
CONVERTED_PLACES: Final = Decimal("1E-18")
"""A converted price is rounded half-even to these places: no sane price rounds to nothing."""

_ROUNDING: Final = Context(prec=EXACT.prec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the sources say about one asset. `rate` is None exactly where `refusal` is not."""

    asset_code: str
    samples: tuple[Sample, ...]  # The newest of each source, converted to USD where possible.
    verdicts: tuple[Verdict, ...]  # One a source, in the order of their names.
    rate: Decimal | None = None
    refusal: RateError | None = None

    @property
    def held_at(self) -> datetime:
        """The age of the rate is that of its oldest taken sample."""
        taken = {verdict.source for verdict in self.verdicts if verdict.taken}
        return min(sample.held_at for sample in self.samples if sample.source in taken)


def combine(
    asset_code: str,
    samples: Iterable[Sample],
    now: datetime,
    rules: QuoteRules,
    history: RateHistory | None = None,
) -> Quote:
    """
    One rate from the newest sample of each source; samples of other assets serve as legs.

    Raises:
        RateUnavailable: Too few fresh sources.
        RatesDisagree: They contradict each other, or the rates of the past hour.
    """
    return conclude(judge(asset_code, samples, now, rules), now, rules, history or RateHistory())


def conclude(judged: Judgement, now: datetime, rules: QuoteRules, before: RateHistory) -> Quote:
    """The quote that follows from a judgement and the history before it; raises as `combine`."""
    if judged.refusal is not None or judged.rate is None:
        raise judged.refusal or RateUnavailable(f"no rate for {judged.asset_code}")
    jumped = before.advance(judged.rate, now, rules).refusal(now, rules)
    if jumped is not None:
        raise RatesDisagree(f"no rate for {judged.asset_code}: it {jumped}")
    return Quote(
        asset_code=judged.asset_code,
        rate=judged.rate,
        samples=judged.samples,
        verdicts=judged.verdicts,
        taken_at=now,
        expires_at=judged.held_at + rules.age_max,
    )


def judge(
    asset_code: str,
    samples: Iterable[Sample],
    now: datetime,
    rules: QuoteRules,
    absent: Mapping[str, str] = NONE_ABSENT,
) -> Judgement:
    """
    Weigh every source. Never raises: a refusal is part of the answer.

    `absent` says, for sources that gave no sample, why.
    """
    known = tuple(samples)
    with localcontext(EXACT):
        weighed = [_weigh(each, known, now, rules) for each in _newest(asset_code, known)]
        missing = [Verdict(source=name, why=why) for name, why in absent.items()]
        return _agree(asset_code, weighed, missing, rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """A sample, its price in USD, and what speaks against it (None: it is fresh and sound)."""

    sample: Sample
    price: Decimal | None
    age_seconds: int
    fault: str | None


def _newest(asset_code: str, samples: Sequence[Sample]) -> list[Sample]:
    """The newest sample of each source, so that no source counts twice."""
    newest: dict[str, Sample] = {}
    for each in samples:
        if each.asset_code != asset_code:
            continue
        held = newest.get(each.source)
        if held is None or _seniority(each) > _seniority(held):
            newest[each.source] = each
    return [newest[name] for name in sorted(newest)]


def _seniority(sample: Sample) -> tuple[datetime, datetime, bool, Decimal, str]:
    # Price and pair only break ties, so that the order of arrival never matters.
    direct = sample.currency == USD.code
    return (sample.received_at, sample.as_of, direct, sample.price, sample.pair)


def _weigh(sample: Sample, known: Sequence[Sample], now: datetime, rules: QuoteRules) -> _Weighed:
    fault = _fault(sample, now, rules)
    price = None if fault is not None else _in_book(sample)
    if price is not None and sample.currency != USD.code:
        sample, price, fault = _convert(sample, price, known, now, rules)
    age = int((now - sample.held_at).total_seconds())
    return _Weighed(sample=sample, price=price, age_seconds=age, fault=fault)


def _fault(sample: Sample, now: datetime, rules: QuoteRules) -> str | None:
    """What makes this sample unusable whatever the others say, or None."""
    if now - sample.held_at > rules.age_max:
        age = int((now - sample.held_at).total_seconds())
        return f"{age} s old, over {int(rules.age_max.total_seconds())} s"
    ahead = max(sample.as_of - sample.received_at, sample.received_at - now)
    if ahead > rules.ahead_max:
        return f"dated {int(ahead.total_seconds())} s in the future"
    if sample.price <= 0:
        return f"price {sample.price:f} is not positive"
    return _book_fault(sample, rules)


def _book_fault(sample: Sample, rules: QuoteRules) -> str | None:
    if sample.bid is None or sample.ask is None:
        return None
    if sample.bid <= 0 or sample.bid > sample.ask:
        return f"bid {sample.bid:f} and ask {sample.ask:f} are no market"
    if sample.ask - sample.bid > rules.spread_max * sample.price:
        return f"spread from {sample.bid:f} to {sample.ask:f} is over {_percent(rules.spread_max)}"
    return None


def _in_book(sample: Sample) -> Decimal:
    """The last trade may be hours old where trade is thin; bid and ask are of now and bound it."""
    if sample.bid is None or sample.ask is None:
        return sample.price
    return min(max(sample.price, sample.bid), sample.ask)


def _convert(
    sample: Sample,
    price: Decimal,
    known: Sequence[Sample],
    now: datetime,
    rules: QuoteRules,
) -> tuple[Sample, Decimal | None, str | None]:
    """Turn a price in a stablecoin into USD through the median of that coin's own sources."""
    direct = [leg for leg in known if leg.currency == USD.code]
    peg = judge(sample.currency, direct, now, rules)
    if peg.rate is None:
        return sample, None, f"priced in {sample.currency}: {peg.refusal}"
    if is_off(peg.rate, Decimal(1), rules.peg_deviation_max):
        off = _percent(rules.peg_deviation_max)
        why = f"priced in {sample.currency}, which at {peg.rate:f} USD is over {off} off its peg"
        return sample, None, why
    taken = {verdict.source for verdict in peg.verdicts if verdict.taken}
    legs = tuple(leg for leg in peg.samples if leg.source in taken)
    in_usd = (price * peg.rate).quantize(CONVERTED_PLACES, ROUND_HALF_EVEN, _ROUNDING)
    return replace(sample, via=legs), _trimmed(in_usd), None


def _agree(asset_code: str, weighed: list[_Weighed], missing: list[Verdict], rules: QuoteRules) -> Judgement:
    prices = {w.sample.source: w.price for w in weighed if w.fault is None and w.price is not None}
    refused = _refusal(prices, rules)
    inliers = _inliers(prices, rules)
    verdicts = [_verdict(each, inliers, refused, rules) for each in weighed]
    ordered = tuple(sorted([*verdicts, *missing], key=lambda verdict: verdict.source))
    return Judgement(
        asset_code=asset_code,
        samples=tuple(each.sample for each in weighed),
        verdicts=ordered,
        rate=None if refused else _trimmed(_median([prices[source] for source in inliers])),
        refusal=_error(asset_code, refused, ordered) if refused else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """Why there is no rate: `kind` is what the caller gets, `words` what a person reads."""

    kind: type[RateError]
    words: str


def _refusal(prices: Mapping[str, Decimal], rules: QuoteRules) -> _Refused | None:
    fresh, needed, off = len(prices), rules.sources_min, _percent(rules.deviation_max)
    if fresh < needed:
        words = f"{fresh} fresh source{'' if fresh == 1 else 's'}, {needed} needed"
        return _Refused(kind=RateUnavailable, words=words)
    low, high = min(prices.values()), max(prices.values())
    if fresh == 2 and is_off(high, low, rules.deviation_max):  # noqa: PLR2004
        # Of two that differ nobody can say which one is wrong.
        words = f"the only two fresh sources differ by more than {off}"
        return _Refused(kind=RatesDisagree, words=words)
    agreeing = len(_inliers(prices, rules))
    if agreeing < needed or agreeing * 2 <= fresh:
        words = f"only {agreeing} of {fresh} fresh sources agree within {off}"
        return _Refused(kind=RatesDisagree, words=words)
    return None


def _inliers(prices: Mapping[str, Decimal], rules: QuoteRules) -> frozenset[str]:
    if not prices:
        return frozenset()
    middle = _median(list(prices.values()))
    near = (name for name, p in prices.items() if not is_off(p, middle, rules.deviation_max))
    return frozenset(near)


def _verdict(weighed: _Weighed, inliers: frozenset[str], refused: _Refused | None, rules: QuoteRules) -> Verdict:
    sample, taken = weighed.sample, False
    if weighed.fault is not None:
        why = weighed.fault
    elif sample.source not in inliers:
        why = f"over {_percent(rules.deviation_max)} from the median of the fresh sources"
    elif refused is not None:
        why = "fresh"
    else:
        taken = True
        why = "taken" if sample.via is None else f"taken, converted from {sample.currency}"
    return Verdict(
        source=sample.source,
        pair=sample.pair,
        price=weighed.price,
        age_seconds=weighed.age_seconds,
        taken=taken,
        why=why,
    )


def _error(asset_code: str, refused: _Refused, verdicts: Sequence[Verdict]) -> RateError:
    reasons = "; ".join(_reason(verdict) for verdict in verdicts) or "no source is configured"
    return refused.kind(f"no rate for {asset_code}: {refused.words} ({reasons})")


def _reason(verdict: Verdict) -> str:
    if verdict.price is None:
        return f"{verdict.source}: {verdict.why}"
    return f"{verdict.source} at {verdict.price:f}: {verdict.why}"


def _median(prices: list[Decimal]) -> Decimal:
    ordered = sorted(prices)
    middle, odd = divmod(len(ordered), 2)
    return ordered[middle] if odd else (ordered[middle - 1] + ordered[middle]) * HALF


def _trimmed(number: Decimal) -> Decimal:
    """Without zeros at its end, and without the exponent that `normalize` gives to 300."""
    short = number.normalize()
    return Decimal(f"{short:f}")


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"
