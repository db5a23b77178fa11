"""
Processors by kind. A new one is a file in adapters/processors/, a line in `KINDS`, and a word in `config/kinds.py`.
One that takes more than a key has a few lines that say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.processors import changenow, exolix, stealthex, trocador
from adapters.processors.base import Access
from config.settings import ProcessorSettings
from payout.ports import Clock, Processor

Contracts = Mapping[tuple[str, str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Where a processor's webhooks go, and the secret that its own keys are made from."""

    url: str
    secret: str


Maker = Callable[[Access, Contracts, Clock, ProcessorSettings, Hook | None], Processor]


def _plain(make: Callable[[Access, Contracts, Clock], Processor]) -> Maker:
    """One that takes nothing but its key."""
    return lambda access, contracts, clock, _given, _hook: make(access, contracts, clock)


def _changenow(
    access: Access, contracts: Contracts, clock: Clock, given: ProcessorSettings, _hook: Hook | None
) -> Processor:
    private_key = given.private_key.reveal() if given.private_key else None
    return changenow.ChangeNow(access, contracts, clock, private_key=private_key)


def _trocador(
    access: Access, contracts: Contracts, clock: Clock, given: ProcessorSettings, hook: Hook | None
) -> Processor:
    return trocador.Trocador(
        access,
        contracts,
        clock,
        webhook_url=hook.url if hook else None,
        webhook_secret=hook.secret if hook else None,
        kyc_worst=given.kyc_worst,
    )


KINDS: Final[dict[str, tuple[str, Maker]]] = {
    "changenow": (changenow.URL, _changenow),
    "exolix": (exolix.URL, _plain(exolix.Exolix)),
    "stealthex": (stealthex.URL, _plain(stealthex.StealthEx)),
    "trocador": (trocador.URL, _trocador),
}


def make_processor(given: ProcessorSettings, contracts: Contracts, clock: Clock, hook: Hook | None) -> Processor:
    """A configured processor, at its own public address unless another is given. Asks nothing."""
    public, make = KINDS[given.kind]
    access = Access(
        name=given.name,
        url=given.url or public,
        api_key=given.api_key.reveal() if given.api_key else "",
        support_url=given.support_url,
    )
    return make(access, contracts, clock, given, hook)
