"""Checkpoint files: each line durable, signed, and read back; what is not ours is told by its line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.checkpoints import CheckpointFiles, CheckpointKey, is_signed
from payout.audit.checkpoint import Checkpoint, read_checkpoint
from tests.factories import NOW, digest

SEED = bytes(range(32))
KEY = CheckpointKey.from_seed(SEED)


def made(number: int, **changes: object) -> Checkpoint:
    at = (NOW + timedelta(minutes=number)).replace(microsecond=0)
    facts = {"instance": "acme", "number": number, "mac": digest(f"link {number}"), "at": at}
    return Checkpoint(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.fixture
def files(tmp_path: Path) -> CheckpointFiles:
    return CheckpointFiles(instance="acme", files=(tmp_path / "here.jsonl", tmp_path / "there.jsonl"), key=KEY)


def faults(files: CheckpointFiles, *named: Path) -> list[str]:
    return [fault.words for fault in files.read(named).faults]


def test_what_is_appended_is_in_every_file_and_read_back_once(files: CheckpointFiles) -> None:
    for number in (1, 2, 3):
        signed, failed = files.append(made(number))
        assert failed == ()
        assert replace(signed, signature="") == made(number)

    assert files.files[0].read_bytes() == files.files[1].read_bytes()
    assert [(each.number, each.mac, each.at) for each in files.read().checkpoints] == [
        (number, made(number).mac, made(number).at) for number in (1, 2, 3)
    ]
    newest = files.newest()
    assert newest is not None
    assert newest.number == 3
    assert files.files[0].stat().st_mode & 0o777 == 0o600


def test_no_file_yet_is_no_fault_unless_it_was_asked_for(files: CheckpointFiles, tmp_path: Path) -> None:
    assert files.read().faults == ()
    assert files.newest() is None
    assert "No such file" in faults(files, tmp_path / "elsewhere.jsonl")[0]


def test_a_line_can_be_checked_with_nothing_but_the_public_key(files: CheckpointFiles) -> None:
    signed, _ = files.append(made(7))
    body = json.loads(files.files[0].read_text())

    signature = body.pop("signature")
    message = b"payout checkpoint v1\n" + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()

    assert is_signed(KEY.public, message, signature)
    assert signature == signed.signature
    assert not is_signed(KEY.public, message.replace(b'"number":7', b'"number":8'), signature)
    assert not is_signed(CheckpointKey.from_seed(bytes(32)).public, message, signature)
    assert not is_signed("ed25519:nonsense", message, signature)
    assert not is_signed(KEY.public, message, "nonsense")


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_a_torn_last_line_is_passed_over_and_the_next_one_begins_anew(files: CheckpointFiles, cut: int) -> None:
    for number in (1, 2):
        files.append(made(number))
    file = files.files[0]
    file.write_bytes(file.read_bytes()[:-cut])

    contents = files.read([file])
    whole = cut == 1  # Only its newline is missing.
    assert ([each.number for each in contents.checkpoints], contents.faults) == ([1, 2] if whole else [1], ())
    assert contents.torn

    files.append(made(3))
    contents = files.read([file])
    assert ([each.number for each in contents.checkpoints], contents.faults) == ([1, 2, 3] if whole else [1, 3], ())


def test_each_line_that_is_not_ours_is_told_by_its_number(files: CheckpointFiles) -> None:
    file = files.files[0]
    files.append(made(1))
    good = file.read_text()
    other = CheckpointKey.from_seed(bytes(32)).signed(made(2)).line()
    foreign = KEY.signed(made(3, instance="other")).line()
    edited = good.replace('"number":1', '"number":9').strip()
    old = good.replace('"v":1', '"v":2').strip()
    file.write_text(f"{good}{other}\n{foreign}\n{edited}\nhello\n\n[]\n{old}\n{'x' * 10_000}\n{good}")

    said = faults(files, file)

    assert [words.partition(" of ")[0] for words in said] == [f"line {number}" for number in range(2, 10)]
    assert "signature is not by this" in said[0]
    assert "of the instance 'other'" in said[1]
    assert "signature" in said[2]
    assert {words.partition(": ")[2] for words in said[3:]} == {"it is no checkpoint"}
    assert [each.number for each in files.read([file]).checkpoints] == [1]


def test_a_file_that_cannot_be_written_is_told_and_the_others_are_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    files = CheckpointFiles(instance="acme", files=(tmp_path / "folder", tmp_path / "good.jsonl"), key=KEY)

    _, failed = files.append(made(1))

    assert len(failed) == 1
    assert "folder: Is a directory" in failed[0]
    assert len(files.read([tmp_path / "good.jsonl"]).checkpoints) == 1
    assert len(files.read().faults) == 1, "and when they are read, too"


@pytest.mark.parametrize(
    "change",
    [
        {"number": -1},
        {"number": True},
        {"number": "1"},
        {"mac": "short"},
        {"mac": None},
        {"at": "yesterday"},
        {"at": 5},
        {"instance": None},
        {"signature": 1},
        {"v": None},
    ],
)
def test_a_line_of_another_shape_is_no_checkpoint(change: dict[str, object]) -> None:
    body = KEY.signed(made(1)).to_json()

    assert read_checkpoint(json.dumps(body)).number == 1
    with pytest.raises(ValueError, match=r"."):
        read_checkpoint(json.dumps({**body, **change}))


def test_the_private_half_is_in_no_repr(files: CheckpointFiles) -> None:
    assert SEED.hex() not in repr(files) + repr(KEY)
    assert "Ed25519PrivateKey" not in repr(files) + repr(KEY)
