"""An installation whose people have keys: alice and bob approve, rita hands refunds in, ada administers."""

from __future__ import annotations

from pathlib import Path

from adapters.signatures import make_key_file
from tests.config.line import Line

APPROVERS = ("alice", "bob", "carol")


class Keyed:
    """The key files, and people files that name them."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.publics = {name: make_key_file(self.key(name), None).public for name in APPROVERS}

    def key(self, name: str) -> Path:
        return self.line.folder / f"{name}.pem"

    def text(self, *approvers: str, head: str = "", more: str = "") -> str:
        named = "".join(
            f'[people.{name}]\nroles = ["approver"]\nkeys = ["{self.publics[name]}"]\n' for name in approvers
        )
        others = '[people.rita]\nroles = ["requester"]\n[people.ada]\nroles = ["admin", "finance"]\n'
        return f"{head}{named}{others}{more}"

    def write(self, *approvers: str, head: str = "", more: str = "") -> None:
        new = self.line.folder / "people.new"
        new.write_text(self.text(*approvers, head=head, more=more))
        new.replace(self.line.folder / "people.toml")
