"""Rows of API keys are held against the history; what people do to keys during the look is no fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from adapters.memory.store import MemoryStore
from payout.api_key import ApiKey, ApiKeys, KeyDigests, Scope
from payout.audit.verify import Walk
from tests.payout.audit.test_watch import Hours
from tests.stores import AUDIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from payout.ports import Store


class During:
    """A store where people act just before, or just after, the keys are read for the first time."""

    def __init__(self, store: MemoryStore, act: Callable[[], object], *, before: bool) -> None:
        self._store, self._act, self._before = store, act, before
        self._looks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def api_keys(self) -> tuple[ApiKey, ...]:
        self._looks += 1
        if self._looks == 1 and self._before:
            self._act()
        found = self._store.api_keys()
        if self._looks == 1 and not self._before:
            self._act()
        return found


def faults(store: MemoryStore, act: Callable[[], object], *, before: bool) -> tuple[str, ...]:
    """What a walk finds whose links were all read before somebody acted."""
    walk = Walk(cast("Store", During(store, act, before=before)), AUDIT)
    while walk.step():
        pass
    return tuple(fault.words for fault in walk.verdict().faults)


def keys() -> tuple[MemoryStore, ApiKeys]:
    store = MemoryStore(Hours(), AUDIT)
    made = ApiKeys(store=store, clock=Hours(), digests=KeyDigests(b"k" * 32), revoked=cast("Any", set()))
    made.add("panel", [Scope.READ], (), "ann")
    return store, made


def test_a_key_that_is_made_during_the_look_is_no_fault() -> None:
    store, made = keys()
    assert faults(store, lambda: made.add("shop", [Scope.READ], (), "ann"), before=True) == ()


@pytest.mark.parametrize("before", [True, False])
def test_a_key_that_is_revoked_during_the_look_is_no_fault(*, before: bool) -> None:
    store, made = keys()
    assert faults(store, lambda: made.revoke("panel", "ann", "why"), before=before) == ()
