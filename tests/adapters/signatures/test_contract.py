"""Signatures by key files keep the port's promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.signatures import KeyFile, SignatureBook, make_key_file
from adapters.signatures.ed25519 import PREFIX
from payout.approval import KeyKind, PublicKey, Rules
from tests.contracts.signatures import SignaturesContract


class TestKeyFiles(SignaturesContract):
    @pytest.fixture
    def signatures(self) -> SignatureBook:
        return SignatureBook(Rules)

    @pytest.fixture
    def two(self, tmp_path: Path) -> tuple[tuple[KeyFile, PublicKey], ...]:
        signers = [make_key_file(tmp_path / name, None) for name in ("ann.key", "bob.key")]
        return tuple(
            (signer, PublicKey(kind=KeyKind.ED25519, text=signer.public.removeprefix(PREFIX))) for signer in signers
        )
