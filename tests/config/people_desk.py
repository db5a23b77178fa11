"""A people file for tests, with keys of those whom it may name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from adapters.signatures import KeyFile, make_key_file
from config.people import PeopleFile
from config.people.file import Taken
from config.people.signing import append

PLAIN = '[people.alice]\nroles = ["approver"]\n'


@dataclass
class Desk:
    """A people file, its folder, and keys of alice, bob and carol."""

    folder: Path
    taken: list[Taken] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state_dir.mkdir()
        self.keys = {name: make_key_file(self.folder / f"{name}.pem", None) for name in ("alice", "bob", "carol")}
        self.people = self.open()

    @property
    def file(self) -> Path:
        return self.folder / "people.toml"

    @property
    def state_dir(self) -> Path:
        return self.folder / "var"

    def open(self, instance: str = "acme") -> PeopleFile:
        return PeopleFile(self.file, self.state_dir, instance, self.taken.append)

    def write(self, text: str) -> None:
        # By another inode, as editors do, so that no test hangs on the clock of the disk.
        new = self.file.with_suffix(".new")
        new.write_text(text)
        new.replace(self.file)

    def keyed(self, *approvers: str, quorum: int = 1, more: str = "") -> str:
        named = (f'[people.{name}]\nroles = ["approver"]\nkeys = ["{self.keys[name].public}"]\n' for name in approvers)
        return f"quorum = {quorum}\n{''.join(named)}{more}"

    def sign(self, *names: str, who: str | None = None, key: KeyFile | None = None) -> None:
        proposal = self.people.state().proposal
        assert proposal is not None
        for name in names:
            signature = (key or self.keys[name]).sign(proposal.step.message(who or name))
            append(self.people.signatures_file, proposal.step, who or name, signature, "2026-01-01T00:00:00+00:00")

    def named(self) -> set[str]:
        return set(self.people.rules().people)
