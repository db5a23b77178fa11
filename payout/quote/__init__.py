"""
Quotes: what a coin is worth in USD now, and the evidence for it.

Samples and the time go in, a quote or a refusal in words comes out. All is pure but `rate_book.py`, which remembers
what the sources said, and `rate_acceptance.py`, which hears what people say of it.
Nothing may ever fall back to an older price; no quote is better than a guessed one.
"""

from __future__ import annotations

from payout.quote.consensus import Judgement, combine, conclude, judge
from payout.quote.history import RateHistory
from payout.quote.rules import QuoteRules
from payout.quote.sample import Sample, Verdict
from payout.quote.value import METHOD, Quote

__all__ = [
    "METHOD",
    "Judgement",
    "Quote",
    "QuoteRules",
    "RateHistory",
    "Sample",
    "Verdict",
    "combine",
    "conclude",
    "judge",
]
