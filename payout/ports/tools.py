"""The small ports: time, sealing, the spend journal, prices, pauses that need no database, and people's signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payout.approval import PublicKey
    from payout.change import Pause
    from payout.quote import Quote
    from payout.spend_journal import Entry, JournalView, Line
    from payout.transfer import Payload


class Clock(Protocol):
    """The time, passed in so that a test can be any day."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class Sealer(Protocol):
    """Encrypts what a transfer must keep but nobody may read at rest."""

    def seal(self, payload: Payload) -> str:
        """Encrypt to text."""
        ...

    def unseal(self, sealed: str) -> Payload:
        """
        Decrypt.

        Raises:
            WalletUnsafe: the key is another one, or the text was altered.
        """
        ...

    def seal_text(self, text: str) -> str:
        """Encrypt a short secret, such as an order's password, to text."""
        ...

    def unseal_text(self, sealed: str) -> str:
        """Decrypt what `seal_text` made. Raises WalletUnsafe as `unseal`."""
        ...


class SpendJournal(Protocol):
    """One append-only file for one wallet."""

    def view(self) -> JournalView:
        """
        What all lines add up to, read to the file's present end.

        Raises:
            JournalBroken: a line is torn, altered or missing.
        """
        ...

    def append(self, entry: Entry, txid: str, at: datetime, body: dict[str, object]) -> bool:
        """
        Write one line and fsync it. False, and nothing is written, if this transfer already has a line of this kind.

        Raises:
            JournalBroken: it could not be written durably; the transfer must not be broadcast.
        """
        ...

    def lines(self) -> Iterable[Line]:
        """
        Every line, oldest first, verified.

        Raises:
            JournalBroken: as above.
        """
        ...


class Pricing(Protocol):
    """The rates that this process itself has polled."""

    def quote(self, asset_code: str, now: datetime) -> Quote:
        """
        The rate to pay at, with its evidence.

        Raises:
            RateUnavailable: too few fresh samples.
            RatesDisagree: the sources contradict each other, or the past hour.
        """
        ...


class Halts(Protocol):
    """Pauses that do not need the database: files that an operator can touch."""

    def pauses(self) -> tuple[Pause, ...]:
        """Those in force now."""
        ...


class Signatures(Protocol):
    """Verifies what people sign with keys of their own."""

    def verify(self, key: PublicKey, message: bytes, signature: str) -> bool:
        """
        This key made this signature over this message. Never raises, whatever the text is.

        Of a passkey the challenge is the message's SHA-256, and whoever used it was verified (PIN, finger).
        """
        ...
