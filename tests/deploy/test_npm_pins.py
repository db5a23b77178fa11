"""The npm packages of the sandbox's nodes: each pinned by its hash, none by the host that it came from."""

from __future__ import annotations

import json
from pathlib import Path

SANDBOX = Path(__file__).resolve().parents[2] / "deploy" / "sandbox"


def test_every_npm_package_has_a_hash_and_names_no_host() -> None:
    lock = json.loads((SANDBOX / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []


def test_the_lock_is_of_the_packages_that_are_asked_for() -> None:
    asked = json.loads((SANDBOX / "package.json").read_text())
    root = json.loads((SANDBOX / "package-lock.json").read_text())["packages"][""]

    assert root["dependencies"] == asked["dependencies"]
    assert root["optionalDependencies"] == asked["optionalDependencies"]
    assert all(version[0].isdigit() for version in {**asked["dependencies"], **asked["optionalDependencies"]}.values())
