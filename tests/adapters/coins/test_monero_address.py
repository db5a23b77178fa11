"""Destinations: what is one, of which kind, and why something is none."""

from __future__ import annotations

import random

import pytest

from adapters.coins.monero.address import base_address, check_destination, is_plain
from payout.errors import BadInput
from tests.adapters.coins.fake_monero import CUSTOMER, OWN, FakeMonero

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def encoded(prefix: int, payment_id: bytes = b"", keys: bytes | None = None) -> str:
    """An address made of given parts, with the checksum that belongs to them."""
    from binascii import hexlify, unhexlify

    from monero import base58
    from monero.address import address
    from monero.keccak import keccak_256

    keys = keys or unhexlify(base58.decode(OWN))[1:65]
    data = bytes([prefix]) + keys + payment_id
    made = str(base58.encode(hexlify(data + keccak_256(data).digest()[:4])))
    address(made)
    return made


@pytest.mark.parametrize(
    ("prefix", "network"),
    [(18, "mainnet"), (53, "testnet"), (24, "stagenet"), (18, "fakechain")],
)
def test_a_standard_address_of_the_network_is_taken(prefix: int, network: str) -> None:
    assert check_destination(encoded(prefix), network) == "standard"


@pytest.mark.parametrize(("prefix", "network"), [(42, "mainnet"), (63, "testnet"), (36, "stagenet")])
def test_a_subaddress_of_the_network_is_taken(prefix: int, network: str) -> None:
    assert check_destination(encoded(prefix), network) == "subaddress"


@pytest.mark.parametrize(("prefix", "network"), [(19, "mainnet"), (54, "testnet"), (25, "stagenet")])
def test_an_integrated_address_of_the_network_is_taken(prefix: int, network: str) -> None:
    assert check_destination(encoded(prefix, b"12345678"), network) == "integrated"


@pytest.mark.parametrize(
    ("prefix", "network", "words"),
    [
        (53, "mainnet", "an address of testnet"),
        (24, "mainnet", "an address of stagenet"),
        (18, "testnet", "an address of mainnet"),
        (42, "stagenet", "an address of mainnet"),
        (53, "fakechain", "an address of testnet"),
    ],
)
def test_an_address_of_another_network_is_refused_by_its_name(prefix: int, network: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_destination(encoded(prefix), network)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" " + CUSTOMER, "a space"),
        (CUSTOMER + " ", "a space"),
        (CUSTOMER[:40] + "\u00a0" + CUSTOMER[41:], "a space"),
        (CUSTOMER + "\n", "a control character"),
        (CUSTOMER[:40] + "\x00" + CUSTOMER[41:], "a control character"),
        (CUSTOMER[:40] + "\u200b" + CUSTOMER[41:], "a control character"),
        ("\u202e" + CUSTOMER, "a control character"),
        ("monero:" + CUSTOMER, "a payment link"),
        ("MONERO:" + CUSTOMER, "a payment link"),
        ("donate.example.com", "OpenAlias"),
        ("someone@example.com", "OpenAlias"),
        (CUSTOMER[:-1] + ".", "OpenAlias"),
        (CUSTOMER * 2, "too long"),
        ("x" * 100_000, "too long"),
        (CUSTOMER[:-1], "94 characters"),
        (CUSTOMER + "1", "96 characters"),
        (CUSTOMER[:-1] + "0", "'0', which no address does"),
        (CUSTOMER[:-1] + "l", "'l', which no address does"),
        ("\u0391" + CUSTOMER[1:], "which no address does"),
        (CUSTOMER[:-1] + "C", "wrong checksum"),
        ("z" * 95, "wrong checksum"),
        ("1" * 95, "wrong checksum"),
        ("z" * 106, "wrong checksum"),
        ("0x52908400098527886E0F7030069857D2E4169EE7", "42 characters"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "42 characters"),
    ],
)
def test_what_is_no_address_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        check_destination(text)

    assert caught.value.field == "destination"
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


def test_one_wrong_character_anywhere_is_noticed() -> None:
    dice = random.Random(1)
    for place in range(len(CUSTOMER)):
        other = dice.choice([char for char in ALPHABET if char != CUSTOMER[place]])
        with pytest.raises(BadInput):
            check_destination(CUSTOMER[:place] + other + CUSTOMER[place + 1 :])


def test_two_swapped_characters_are_noticed() -> None:
    for place in range(len(CUSTOMER) - 1):
        one, two = CUSTOMER[place], CUSTOMER[place + 1]
        if one == two:
            continue
        with pytest.raises(BadInput):
            check_destination(CUSTOMER[:place] + two + one + CUSTOMER[place + 2 :])


def test_an_address_can_be_written_in_one_way_only() -> None:
    zeros = encoded(18, keys=bytes(64))
    # Eight zero bytes are eleven ones; 2**64, which does not fit them, would wrap around to the same.
    other = zeros[:11] + "jpXCZedGfVR" + zeros[22:]

    assert zeros[11:22] == "1" * 11
    assert check_destination(zeros) == "standard"
    with pytest.raises(BadInput, match="wrong checksum"):
        check_destination(other)


def test_the_base_of_an_integrated_address_is_the_address_inside() -> None:
    assert base_address(encoded(19, b"12345678")) == OWN
    assert base_address(OWN) == OWN
    assert base_address("z" * 106) == "z" * 106


def test_only_what_no_wallet_takes_for_a_name_is_plain() -> None:
    assert is_plain(OWN)
    assert not is_plain(OWN[:-1] + ".")
    assert not is_plain(OWN[:-1] + "@")
    assert not is_plain(OWN + "1")


def test_only_an_integrated_address_goes_alone(fake: FakeMonero) -> None:
    assert fake.coin.alone(encoded(19, b"12345678"))
    assert not fake.coin.alone(OWN)


def test_our_own_address_with_a_payment_id_is_still_ours(fake: FakeMonero) -> None:
    coin = fake.coin
    coin.check()

    assert coin.owns(encoded(19, b"12345678"))
    assert not coin.owns(CUSTOMER)
