"""
What every Signatures port promises of keys that people keep themselves.

A subclass gives the fixtures `signatures`, and `two`: two different signers of one kind, each with its public key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from payout.approval import KeyKind, PublicKey, message

if TYPE_CHECKING:
    from payout.ports import Signatures
    from tests.approvers import Signer

    Pair = tuple[Signer, PublicKey]

TEXT = message("0" * 64, "ann")


class SignaturesContract:
    def test_what_a_key_signed_verifies_by_its_public_half_alone(
        self, signatures: Signatures, two: tuple[Pair, Pair]
    ) -> None:
        (signer, public), (_, other) = two
        signature = signer.sign(TEXT)

        assert signer.kind is public.kind
        assert signatures.verify(public, TEXT, signature)
        assert not signatures.verify(other, TEXT, signature)
        assert not signatures.verify(replace(public, kind=KeyKind.HMAC), TEXT, signature)

    @pytest.mark.parametrize("said", [message("0" * 64, "bob"), message("1" * 64, "ann"), b"", TEXT + b"\0"])
    def test_it_verifies_for_no_other_message(
        self, signatures: Signatures, two: tuple[Pair, Pair], said: bytes
    ) -> None:
        signer, public = two[0]

        assert not signatures.verify(public, said, signer.sign(TEXT))

    @pytest.mark.parametrize("signature", ["", "AAAA", "\N{CHECK MARK}", "\ud800", "[]", "A" * 88, "A" * 100_000])
    def test_nonsense_is_no_signature_and_no_error(
        self, signatures: Signatures, two: tuple[Pair, Pair], signature: str
    ) -> None:
        assert not signatures.verify(two[0][1], TEXT, signature)
