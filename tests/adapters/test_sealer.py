"""The seal on what was signed: it opens for its key alone, and shows nothing on the way."""

from __future__ import annotations

import subprocess
import sys

import pytest

from adapters.sealer import open_sealer
from payout.errors import WalletUnsafe
from payout.transfer import Payload

KEY = bytes(range(32))
PAYLOAD = Payload(metadata="0102" * 3000, blob="0200" * 1200, tx_key="ab" * 32)


def test_what_is_sealed_opens_to_the_same_payload() -> None:
    sealer = open_sealer(KEY)

    assert sealer.unseal(sealer.seal(PAYLOAD)) == PAYLOAD
    assert open_sealer(KEY).unseal(sealer.seal(PAYLOAD)) == PAYLOAD


def test_sealed_text_shows_nothing_of_the_payload_and_is_shorter_than_it() -> None:
    sealed = open_sealer(KEY).seal(PAYLOAD)

    assert sealed.isascii()
    assert PAYLOAD.tx_key not in sealed
    assert len(sealed) < len(PAYLOAD.metadata)


def test_the_same_payload_never_looks_the_same_twice() -> None:
    sealer = open_sealer(KEY)

    assert sealer.seal(PAYLOAD) != sealer.seal(PAYLOAD)


def test_another_key_is_refused_with_what_to_do() -> None:
    sealed = open_sealer(KEY).seal(PAYLOAD)

    with pytest.raises(WalletUnsafe, match="restore the seal key file"):
        open_sealer(bytes(32)).unseal(sealed)


@pytest.mark.parametrize("place", [0, 10, 60, -40, -1])
def test_an_altered_character_is_noticed(place: int) -> None:
    sealed = open_sealer(KEY).seal(PAYLOAD)
    at = place % len(sealed)
    other = "A" if sealed[at] != "A" else "B"

    # The last characters of base64 may carry unused bits; a longer piece certainly differs.
    altered = sealed[:at] + other + sealed[at + 1 :] if place != -1 else sealed[:-6]

    with pytest.raises(WalletUnsafe):
        open_sealer(KEY).unseal(altered)


@pytest.mark.parametrize("text", ["", "nonsense", "\N{SNOWMAN}", "gAAAAA=="])
def test_text_that_was_never_sealed_is_refused(text: str) -> None:
    with pytest.raises(WalletUnsafe):
        open_sealer(KEY).unseal(text)


@pytest.mark.parametrize("secret", ["", "p4ssw0rd", "\N{SNOWMAN} clé", "x" * 5000])
def test_a_sealed_secret_opens_to_the_same_text_and_shows_nothing_of_it(secret: str) -> None:
    sealed = open_sealer(KEY).seal_text(secret)

    assert open_sealer(KEY).unseal_text(sealed) == secret
    assert sealed.isascii()
    assert not secret or secret not in sealed


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "\N{SNOWMAN}", pytest.param(open_sealer(KEY).seal_text("p4ssw0rd")[:-6], id="one cut short")],
)
def test_a_secret_that_was_altered_or_never_sealed_is_refused(text: str) -> None:
    with pytest.raises(WalletUnsafe, match="restore the seal key file"):
        open_sealer(KEY).unseal_text(text)


def test_a_secret_sealed_with_another_key_is_refused_and_unsaid() -> None:
    sealed = open_sealer(bytes(32)).seal_text("p4ssw0rd")

    with pytest.raises(WalletUnsafe) as caught:
        open_sealer(KEY).unseal_text(sealed)

    assert "p4ssw0rd" not in str(caught.value)


def test_a_secret_and_a_payload_are_never_taken_for_each_other() -> None:
    sealer = open_sealer(KEY)

    with pytest.raises(WalletUnsafe):
        sealer.unseal_text(sealer.seal(PAYLOAD))
    with pytest.raises(WalletUnsafe):
        sealer.unseal(sealer.seal_text("p4ssw0rd"))


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        open_sealer(bytes(length))


def test_neither_key_nor_payload_stands_in_an_error_or_a_repr() -> None:
    sealer = open_sealer(KEY)

    with pytest.raises(WalletUnsafe) as caught:
        sealer.unseal(open_sealer(bytes(32)).seal(PAYLOAD))

    assert PAYLOAD.tx_key not in str(caught.value) + repr(PAYLOAD) + repr(sealer)
    assert KEY.hex() not in repr(sealer)


def test_a_sealer_costs_no_cryptography_until_it_is_used() -> None:
    code = "import sys, adapters.sealer as s; s.open_sealer(bytes(32)); print('cryptography' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
