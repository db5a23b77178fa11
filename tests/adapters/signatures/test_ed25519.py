"""Ed25519: RFC 8032's own vectors, and the key files that people keep."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.signatures import SignatureBook, make_key_file, open_key_file
from adapters.signatures.ed25519 import key_fault
from payout.approval.people import KeyKind, PublicKey
from payout.approval.rules import Rules
from payout.errors import BadInput
from tests.canary import secret

BOOK = SignatureBook(Rules)
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
            "24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
            "eeb00d291612bb0c00"
        ),
    ),
]


def key_of(text: str) -> PublicKey:
    return PublicKey(kind=KeyKind.ED25519, text=text)


def b64(hexed: str) -> str:
    return base64.b64encode(bytes.fromhex(hexed)).decode()


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_standard_verify_and_nothing_near_them(public: str, message: str, signature: str) -> None:
    key, text, signed = key_of(b64(public)), bytes.fromhex(message), b64(signature)

    assert BOOK.verify(key, text, signed)
    assert not BOOK.verify(key, text + b"\0", signed)
    assert not BOOK.verify(key_of(b64(VECTORS[0][0] if public != VECTORS[0][0] else VECTORS[1][0])), text, signed)
    assert not BOOK.verify(key, text, b64(signature[:-2] + "11"))


@pytest.mark.parametrize("signature", ["", "AAAA", "é" * 88, "\ud800", "A" * 88, "A" * 100_000, "[]", "=" * 88])
def test_nonsense_is_false_and_never_an_error(signature: str) -> None:
    assert not BOOK.verify(key_of(b64(VECTORS[0][0])), b"", signature)


def test_the_signature_has_one_spelling() -> None:
    public, _, signature = VECTORS[0]
    signed = b64(signature)

    assert not BOOK.verify(key_of(b64(public)), b"", signed + "\n")
    assert not BOOK.verify(key_of(b64(public)), b"", signed.rstrip("="))


@pytest.mark.parametrize("y", [0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18])
def test_a_key_under_which_anybody_signs_is_refused(y: int) -> None:
    for sign in (0, 2**255):
        weak = base64.b64encode((y | sign).to_bytes(32, "little")).decode()
        assert key_fault(weak) == "is a weak key, under which anybody can sign"
        # R = the neutral point, S = 0: fits every message under the neutral key.
        assert not BOOK.verify(key_of(weak), b"any", base64.b64encode(b"\1" + b"\0" * 63).decode())


def test_points_of_order_eight_are_weak_too() -> None:
    # The encodings that every list of such keys names.
    for hexed in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ):
        assert key_fault(b64(hexed)) == "is a weak key, under which anybody can sign"


def test_an_hmac_is_nobodys_own_signature() -> None:
    assert not BOOK.verify(PublicKey(kind=KeyKind.HMAC, text="x"), b"", "x")


# ---------------------------------------------------------------- key files


def nobody_asks() -> str:
    raise AssertionError("asked for a passphrase")


@pytest.mark.parametrize("words", [None, "locked"])
def test_a_key_file_signs_after_it_was_read_again(tmp_path: Path, words: str | None) -> None:
    file = tmp_path / "alice.pem"
    passphrase = secret(words) if words else None
    made = make_key_file(file, passphrase)

    opened = open_key_file(file, (lambda: passphrase) if passphrase else nobody_asks)

    assert file.stat().st_mode & 0o777 == 0o600
    assert opened.public == made.public
    key = key_of(made.public.removeprefix("ed25519:"))
    assert opened.is_half_of(key)
    assert BOOK.verify(key, b"m", opened.sign(b"m"))
    assert not BOOK.verify(key, b"n", opened.sign(b"m"))


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    made = make_key_file(file, None)

    with pytest.raises(BadInput, match="is there already"):
        make_key_file(file, None)

    assert open_key_file(file, nobody_asks).public == made.public


def test_a_wrong_passphrase_opens_nothing_and_shows_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    make_key_file(file, secret("right"))
    wrong = secret("wrong")

    with pytest.raises(BadInput, match="the passphrase is wrong") as caught:
        open_key_file(file, lambda: wrong)

    assert wrong not in str(caught.value)


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    for text, words in (
        (b"nonsense", "holds no key in PEM"),
        (b"A" * 20_000, "is over 10000 bytes"),
        (other_kind(), "holds another kind of key"),
    ):
        file.write_bytes(text)
        file.chmod(0o600)
        with pytest.raises(BadInput, match=words):
            open_key_file(file, nobody_asks)


def other_kind() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    make_key_file(file, None)
    file.chmod(0o640)

    with pytest.raises(BadInput, match="chmod 600"):
        open_key_file(file, nobody_asks)


def test_a_key_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="payout users key"):
        open_key_file(tmp_path / "none.pem", nobody_asks)


def test_a_key_shows_nothing_of_itself(tmp_path: Path) -> None:
    assert repr(make_key_file(tmp_path / "a.pem", None)) == "KeyFile()"
