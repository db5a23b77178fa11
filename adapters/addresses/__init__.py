"""
Customers' addresses on the networks that we do not hold keys of: is this one, of this network, that may be paid?

`bip_utils` decodes; the rules about who may be paid stand here. It takes most of a second to import, so every module
imports it where it decodes. An address is never changed, only refused: what was approved is what is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from adapters.addresses import evm, solana, tron, utxo
from adapters.addresses.decoded import Decoded, NotAnAddress
from adapters.addresses.recognise import recognised
from adapters.addresses.shape import FIELD, shape_problem, shown
from payout.errors import BadInput, SettingsError

REALMS: Final = ("mainnet", "testnet", "regtest")
"""Which chain of a network: the real one, its public test chain, or one of our own."""

NETWORKS: Final[dict[str, str]] = {
    "bitcoin": "Bitcoin",
    "litecoin": "Litecoin",
    "dogecoin": "Dogecoin",
    "ethereum": "Ethereum",
    "tron": "Tron",
    "solana": "Solana",
}
"""The networks whose addresses can be checked, as people write them."""


def check_address(network: str, text: str, *, realm: str = "mainnet", contracts: Iterable[str] = ()) -> None:
    """
    Refuse what is no address of this network, and what nobody could spend from.

    `contracts` are the token contracts on it: money sent to one is lost.

    Raises:
        BadInput: it is none; says what is wrong, whose it is if that can be told, and what to give instead.
        SettingsError: one of `contracts` is no address.
    """
    name = NETWORKS[network]
    remedy = f"give the customer's own {name} address, copied whole"
    problem = shape_problem(text)
    if problem is not None:
        raise BadInput(FIELD, problem, remedy)
    try:
        found = decoded(network, text, realm)
    except NotAnAddress as error:
        raise BadInput(FIELD, _words(error, text, name, realm), remedy) from None
    if found.payload in {_contract(network, each, realm) for each in contracts}:
        raise BadInput(FIELD, f"is the contract of a token, not a customer's address: {shown(text)}", remedy)
    if found.burnt:
        raise BadInput(FIELD, f"is {found.burnt}, and what is sent there is lost: {shown(text)}", remedy)


def contract_problem(network: str, text: str) -> str | None:
    """Why a contract in the table of assets cannot be one of this network, or None."""
    try:
        decoded(network, text)
    except NotAnAddress as error:
        return str(error)
    return None


@cache  # One for each row of the table of assets, asked for with every address.
def _contract(network: str, text: str, realm: str) -> bytes:
    try:
        return decoded(network, text, realm).payload
    except NotAnAddress as error:
        raise SettingsError((f"the table of assets: the contract {text} on {network} {error}",)) from None


def decoded(network: str, text: str, realm: str = "mainnet") -> Decoded:
    """What an address stands for. Raises NotAnAddress."""
    match network:
        case "ethereum":
            return evm.decode(text)
        case "tron":
            return tron.decode(text)
        case "solana":
            return solana.decode(text)
        case _:
            return utxo.decode(network, realm, text)


def _words(error: NotAnAddress, text: str, name: str, realm: str) -> str:
    others = recognised(text)
    here = name if realm == "mainnet" else f"{name} {realm}"
    if error.own_words or not others:
        return f"{error}: {shown(text)}"
    return f"is an address of {' or '.join(others)}, not of {here}: {shown(text)}"
