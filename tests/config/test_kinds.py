"""What the settings know can be made, and nothing else: each word has its line in the table that makes it."""

from __future__ import annotations

from config import chain_kinds, processor_kinds, rate_feeds, wiring
from config.kinds import CHAINS, PROCESSORS, SOURCES, WALLETS


def test_every_word_of_the_settings_has_its_maker() -> None:
    assert set(WALLETS) == set(wiring.COINS) == set(wiring.ASSETS)
    assert set(SOURCES) == set(rate_feeds.FEEDS)
    assert set(PROCESSORS) == set(processor_kinds.KINDS)
    assert set(CHAINS) == set(chain_kinds.KINDS)
