"""
What the house trusts, none of it in the database: its keys, the people file and the rules in force.

Every key is read when it is first needed, so that a listing works without them and a process that may not approve
(`payout console`) never touches the key that approves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from config import keys
from payout.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.signatures import SignatureBook
    from config.people import PeopleFile
    from config.people.file import Taken
    from config.settings import Settings
    from payout.approval import Approver, IntakeSeal
    from payout.approval.rules import Rules
    from payout.audit.chain import AuditKey


class Trust(ABC):
    """The part of the house that is outside the database."""

    settings: Settings

    @cached_property
    def people(self) -> PeopleFile:
        """The people file, and which text of it is in force."""
        from config.people import PeopleFile

        given = self.settings
        return PeopleFile(given.approvals.people_file, given.instance.state_dir, given.instance.id, self.tell_people)

    def rules(self) -> Rules:
        """The rules in force, now; looks again when a file has changed. Raises SettingsError where they are wrong."""
        return self.people.rules()

    @cached_property
    def signatures(self) -> SignatureBook:
        """Verifies by people's own keys."""
        from adapters.signatures import SignatureBook

        return SignatureBook(self.rules)

    @cached_property
    def approver(self) -> Approver:
        """Signs with the instance's key, and verifies every kind."""
        from payout.approval import Approver

        # A people file that is wrong is told now, not at the first payment.
        keyed = self.rules().keyed
        file = self.settings.approvals.key_file
        return Approver(
            instance=self.settings.instance.id,
            rules=self.rules,
            signatures=self.signatures,
            # Where people have keys this one approves nothing, and need not be on an approver's own machine.
            key=None if keyed and not file.exists() else keys.read_key(file, "approvals.key_file"),
            intake=self.intake_seal,
        )

    @cached_property
    def intake_seal(self) -> IntakeSeal:
        """Vouches for what was handed in."""
        from payout.approval import IntakeSeal

        return IntakeSeal(self.intake_ring.derive(keys.SEALS))

    @cached_property
    def intake_ring(self) -> keys.Ring:
        """What is derived from intake's key."""
        return self._ring(self.settings.instance.intake_key_file, "instance.intake_key_file")

    @cached_property
    def audit_ring(self) -> keys.Ring:
        """What is derived from the audit key."""
        return self._ring(self.settings.audit.key_file, "audit.key_file")

    @cached_property
    def audit_key(self) -> AuditKey:
        """Makes the links of the audit chain."""
        from payout.audit.chain import AuditKey

        return AuditKey(self.audit_ring.derive(keys.CHAIN))

    @property
    def checkpoint_seed(self) -> bytes:
        """The private half of the Ed25519 key that signs checkpoints."""
        return self.audit_ring.derive(keys.CHECKPOINTS)

    def _ring(self, file: Path, name: str) -> keys.Ring:
        # An installation from before there were such keys gets them here. Later a missing one is a lost one.
        if not file.exists():
            if not self._has_no_chain():
                words = f"{name}: {file} is lost: restore it from a backup; with a new one (`payout init`) all that it "
                raise SettingsError((words + "vouched for looks forged",))
            with suppress(OSError):  # What is missing then is told by the reading.
                keys.make_key(file)
        return keys.Ring(keys.read_key(file, name))

    def _has_no_chain(self) -> bool:
        from adapters.database.store import open_store
        from payout.audit.chain import AuditKey

        # The key is not used: nothing is written.
        store = open_store(self.settings.database.url.reveal(), audit=AuditKey(b""))
        try:
            return store.audit_head().number == 0
        finally:
            store.close()

    @abstractmethod
    def tell_people(self, taken: Taken) -> None:
        """Put a change of the people file into the history."""


def key_files(settings: Settings) -> tuple[tuple[str, str, Path], ...]:
    """Every key of the instance: what it is called, the setting that names it, and its file."""
    return (
        ("approval key", "approvals.key_file", settings.approvals.key_file),
        ("seal key", "instance.seal_key_file", settings.instance.seal_key_file),
        ("hook key", "console.hook_key_file", settings.console.hook_key_file),
        ("intake key", "instance.intake_key_file", settings.instance.intake_key_file),
        ("audit key", "audit.key_file", settings.audit.key_file),
    )
