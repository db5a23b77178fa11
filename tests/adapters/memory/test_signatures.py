"""The signatures in memory keep the port's promises."""

from __future__ import annotations

import pytest

from adapters.memory.signatures import MemorySignatures, MemorySigner
from payout.approval import KeyKind, PublicKey
from tests.contracts.signatures import SignaturesContract


class TestMemorySignatures(SignaturesContract):
    @pytest.fixture
    def signatures(self) -> MemorySignatures:
        return MemorySignatures()

    @pytest.fixture
    def two(self) -> tuple[tuple[MemorySigner, PublicKey], ...]:
        texts = ("ann's key", "bob's key")
        return tuple((MemorySigner(text), PublicKey(kind=KeyKind.ED25519, text=text)) for text in texts)
