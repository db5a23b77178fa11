"""Addresses of customers' chains: what is valid passes, and each way of being wrong is named."""

from __future__ import annotations

import random

import pytest

from adapters.addresses import NETWORKS, REALMS, check_address
from adapters.addresses.evm import decode
from payout.errors import BadInput, SettingsError

USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
MONERO = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"

GOOD = (
    ("bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ("bitcoin", "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3"),
    ("bitcoin", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
    ("bitcoin", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    ("bitcoin", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
    ("litecoin", "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"),
    ("litecoin", "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ"),
    ("litecoin", "MJaRnao1s62a2zAKSkmG582KbLKianqb7v"),
    ("dogecoin", "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"),
    ("ethereum", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
    ("ethereum", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    ("ethereum", "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"),
    ("tron", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"),
    ("solana", "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS"),
)


@pytest.mark.parametrize(("network", "address"), GOOD)
def test_a_valid_address_passes(network: str, address: str) -> None:
    check_address(network, address)


@pytest.mark.parametrize(("network", "address"), GOOD)
@pytest.mark.parametrize("other", sorted(NETWORKS))
def test_an_address_of_one_network_is_refused_on_every_other_and_its_own_is_named(
    network: str, address: str, other: str
) -> None:
    if other == network:
        return
    with pytest.raises(BadInput) as caught:
        check_address(other, address)

    if address.startswith("3"):
        return  # Litecoin once wrote its own like that; who is told which is another test.
    assert f"an address of {NETWORKS[network]}, not of {NETWORKS[other]}" in caught.value.problem


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_a_monero_address_is_named(network: str) -> None:
    with pytest.raises(BadInput, match="is an address of Monero"):
        check_address(network, MONERO)


@pytest.mark.parametrize(
    ("network", "address", "words"),
    [
        ("bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "wrong checksum"),
        # Taproot with the checksum of the older encoding: a wallet that takes it loses the coins.
        ("bitcoin", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "wrong checksum"),
        ("bitcoin", "bc1sw50qgdz25j", "witness version 16"),
        ("bitcoin", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "in capitals"),
        ("bitcoin", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "wrong checksum"),
        ("bitcoin", "1BitcoinEaterAddressDontSendf59kuE", "nobody has the key"),
        ("bitcoin", "1111111111111111111114oLvT2", "nobody has the key"),
        ("bitcoin", "bc1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq9e75rs", "nobody has the key"),
        ("litecoin", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "ask for the form with M"),
        ("litecoin", "ltcmweb1qqgkcyehl0pgkanqmcxazh07xkgamhkpjy6mz27nk8gdy", "MWEB"),
        ("dogecoin", "DDogepartyxxxxxxxxxxxxxxxxxxw1dfzr", "nobody has the key"),
        ("ethereum", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "EIP-55"),
        ("ethereum", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "40 hexadecimal digits"),
        ("ethereum", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "40 hexadecimal digits"),
        ("ethereum", "0x0000000000000000000000000000000000000000", "the zero address"),
        ("ethereum", "0x0000000000000000000000000000000000000009", "nobody has the key"),
        ("ethereum", "0x000000000000000000000000000000000000dEaD", "nobody has the key"),
        ("ethereum", "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE", "nobody has the key"),
        ("ethereum", "vitalik.eth", "is a name"),
        ("tron", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv9", "wrong checksum"),
        ("tron", "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "nobody has the key"),
        ("tron", "TLsV52sRDL79HXGGm9yzwKibb6BeruhUzy", "nobody has the key"),
        ("solana", "11111111111111111111111111111111", "the system program"),
        ("solana", "1nc1nerator11111111111111111111111111111111", "the incinerator"),
        ("solana", "5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1", "off the curve"),
        ("solana", "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoC", "is not the base58 of 32 bytes"),
        ("bitcoin", "", "is empty"),
        ("bitcoin", " bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "a space"),
        ("bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\n", "a control character"),
        ("bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t\u0434", "not ASCII"),
        ("bitcoin", "bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "a payment link"),
        ("bitcoin", "bc1q" + "q" * 200, "too long"),
    ],
)
def test_what_must_not_be_paid_is_refused_in_words(network: str, address: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_address(network, address)

    assert caught.value.field == "destination"
    assert words in caught.value.problem
    assert NETWORKS[network] in caught.value.remedy


@pytest.mark.parametrize("written", [USDT, USDT.lower(), "0x" + USDT[2:].upper()])
def test_a_token_contract_is_refused_however_it_is_written(written: str) -> None:
    with pytest.raises(BadInput, match="is the contract of a token"):
        check_address("ethereum", written, contracts=[USDT])


def test_a_contract_that_is_no_address_is_a_fault_of_the_table_not_of_the_customer() -> None:
    with pytest.raises(SettingsError, match="the contract 0x12 on ethereum"):
        check_address("ethereum", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", contracts=["0x12"])


@pytest.mark.parametrize(
    ("network", "realm", "address"),
    [
        ("bitcoin", "testnet", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
        ("bitcoin", "testnet", "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"),
        ("bitcoin", "regtest", "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"),
    ],
)
def test_an_address_of_a_test_chain_passes_there_and_nowhere_else(network: str, realm: str, address: str) -> None:
    check_address(network, address, realm=realm)

    with pytest.raises(BadInput, match=rf"is an address of .*{realm}.*, not of Bitcoin"):
        check_address(network, address)


def test_a_real_address_is_refused_on_a_test_chain() -> None:
    with pytest.raises(BadInput, match="is an address of Bitcoin, not of Bitcoin regtest"):
        check_address("bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", realm="regtest")


def test_two_writings_of_one_address_stand_for_the_same() -> None:
    assert decode(USDT).payload == decode(USDT.lower()).payload


def test_whatever_is_given_is_taken_or_refused_and_nothing_else_happens() -> None:
    dice = random.Random(7)
    letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0OIl-"
    for _ in range(1500):
        head = dice.choice(("", "bc1", "tb1", "ltc1", "0x", "T", "1", "3", "4"))
        text = head + "".join(dice.choice(letters) for _ in range(dice.randrange(0, 70)))
        network, realm = dice.choice(sorted(NETWORKS)), dice.choice(REALMS)
        try:
            check_address(network, text, realm=realm)
        except BadInput as error:
            assert error.problem  # noqa: PT017  (both outcomes are right; a third one is not)
