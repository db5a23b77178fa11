"""What an address turns out to be, or why it is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """`payload` is what the chain knows the address by: two texts of the same address have the same."""

    payload: bytes
    burnt: str = ""
    """What it is, where nobody can spend from it."""


class NotAnAddress(Exception):
    """
    Not an address of the network that was asked for. Never leaves this package.

    `own_words`: the reason is about this very network, and better than whose address it may be.
    """

    def __init__(self, words: str, *, own_words: bool = False) -> None:
        super().__init__(words)
        self.own_words = own_words


CHECKSUM = "has a wrong checksum, so a character is wrong or missing"
