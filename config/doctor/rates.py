"""Each rate source, what they come to, and this machine's clock against theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from config.doctor.check import Check, fail, ok, warn
from config.wiring import House
from payout.errors import RateError

AHEAD_MAX: Final = timedelta(seconds=5)


def examine(house: House) -> Iterator[Check]:
    """Poll all of them once."""
    house.poller.tick(house.assets.polled)
    now = house.clock.now()
    for code in sorted({asset.code for asset in house.assets.payable.values()}):
        report = house.book.report(code, now)
        for verdict in report.verdicts:
            what = f"rate {verdict.source}"
            if verdict.taken:
                yield ok(what, f"{code} at {verdict.price:f} USD, {verdict.age_seconds} s old")
            else:
                words = f"{code}: {verdict.why}"
                yield warn(what, words, "wait, or look at its address under [rates]")
        try:
            quote = house.book.quote(code, now)
        except RateError as error:
            remedy = "refunds wait until enough sources agree; see `payout rates`"
            yield fail(f"rate of {code}", str(error), remedy)
            continue
        yield ok(f"rate of {code}", f"{quote.rate:f} USD")
        ahead = max(sample.as_of - sample.received_at for sample in quote.samples)
        seconds = int(ahead.total_seconds())
        if ahead > AHEAD_MAX:
            words = f"this machine's clock is at least {seconds} s behind the rate sources'"
            yield warn("clock", words, "let NTP set it")
        else:
            yield ok("clock", "not behind the rate sources' clocks")
