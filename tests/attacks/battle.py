"""
Many attacks at once on one installation: each on a refund of its own, before one run of the daemon.

An attack that needs time to pass, or the whole database, has a siege of its own instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.attacks.network import address_of, tron_address_of

if TYPE_CHECKING:
    from tests.attacks.siege import Siege

INVALID = "approval.invalid"
HELD = "refund.held"


class Front:
    """The siege as one attack sees it: its refunds are its own."""

    def __init__(self, siege: Siege, attack: str) -> None:
        self._siege = siege
        self._attack = attack
        self.thief = address_of(f"the thief, when {attack}")
        self.tron_thief = tron_address_of(f"the thief, when {attack}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._siege, name)

    def request(self, name: str = "", *given: Any, **more: Any) -> str:
        """As `Siege.request`, under a name of this attack's."""
        return self._siege.request(self.name(name), *given, **more)

    def approved(self, name: str = "", *given: Any, **more: Any) -> str:
        """As `Siege.approved`, likewise."""
        return self._siege.approved(self.name(name), *given, **more)

    def withdraw(self, name: str = "") -> None:
        """As `Siege.withdraw`, likewise."""
        self._siege.withdraw(self.name(name))

    def name(self, name: str = "") -> str:
        """The external_id of a refund of this attack's."""
        return f"{self._attack} {name}".strip()


@dataclass(frozen=True)
class Attack:
    """What the intruder does; returns the id of the refund that he wants to be paid. `alarm`: what is to follow."""

    act: Callable[[Front], str]
    alarm: str

    @property
    def name(self) -> str:
        return self.act.__name__


class Attacks:
    """Those of one file, in their order."""

    def __init__(self) -> None:
        self.all: dict[str, Attack] = {}

    def foiled_with(self, alarm: str) -> Callable[[Callable[[Front], str]], Callable[[Front], str]]:
        """The refund is HELD, nobody is paid for it, and this alarm is on record for it."""

        def keep(act: Callable[[Front], str]) -> Callable[[Front], str]:
            self.all[act.__name__] = Attack(act, alarm)
            return act

        return keep


class Battle:
    """All attacks of one file were made, and the daemon has run."""

    def __init__(self, siege: Siege, attacks: Attacks) -> None:
        self._siege = siege
        self._attacks = attacks
        self._keys: dict[str, str] = {}
        self._failed: dict[str, Exception] = {}
        for attack in attacks.all.values():
            try:
                self._keys[attack.name] = attack.act(Front(siege, attack.name))
            except Exception as error:  # noqa: BLE001 - It is this attack's test that fails, and no other.
                self._failed[attack.name] = error
        siege.run()

    def check(self, name: str) -> None:
        """It was foiled, and people were told."""
        if name in self._failed:
            raise self._failed[name]
        key, front = self._keys[name], Front(self._siege, name)
        robberies = [words for words in self._siege.judge.robberies() if _concerns(words, front)]
        assert robberies == []
        assert self._siege.status(key) == "HELD"
        alarms = {kind for (kind,) in self._siege.sql("SELECT kind FROM events WHERE alarm AND refund_id = ?", key)}
        assert self._attacks.all[name].alarm in alarms


def _concerns(words: str, front: Front) -> bool:
    return any(mark in words for mark in (front.name(), front.thief, front.tron_thief))
