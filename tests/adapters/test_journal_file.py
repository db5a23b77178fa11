"""The spend journal's file: the contract, and what happens to it on a bad day."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from adapters.journal_file import JournalFile, open_journal
from payout.errors import JournalBroken, SettingsError
from payout.spend_journal import Entry
from tests.contracts.journal import JournalContract, Open, body_of, write
from tests.factories import NOW, digest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal-hot.log"


@pytest.fixture
def open_again(path: Path) -> Open:
    return lambda: open_journal(path.parent, "hot")


class TestJournalFile(JournalContract):
    """All of the contract."""


@pytest.fixture
def journal(path: Path) -> JournalFile:
    """Three lines."""
    journal = JournalFile(path)
    for number in range(3):
        write(journal, f"T-{number}", f"E-{number}")
    return journal


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """No file may grow past this size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_only_its_owner_can_read_it(journal: JournalFile) -> None:
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


def test_looking_makes_no_file(path: Path) -> None:
    assert JournalFile(path).view().lines == 0
    assert list(JournalFile(path).lines()) == []
    assert not path.exists()


@pytest.mark.parametrize("name", ["", "../hot", "a/b", ".hidden", "nul\0"])
def test_a_wallets_name_never_leads_out_of_the_state_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError):
        open_journal(tmp_path, name)


@pytest.mark.parametrize("kept", [1, 64, 65, 200, -2])
def test_a_line_torn_by_a_crash_is_cut_off_and_the_next_takes_its_place(
    journal: JournalFile, kept: int, caplog: pytest.LogCaptureFixture
) -> None:
    whole = journal.path.read_bytes()
    write(journal, "T-torn")
    torn = journal.path.read_bytes()[len(whole) :]
    journal.path.write_bytes(whole + torn[:kept])
    after_restart = JournalFile(journal.path)

    assert after_restart.view().lines == 3
    assert journal.path.read_bytes() == whole
    assert "unfinished" in caplog.text

    last = write(after_restart, "T-next")
    assert [line.txid for line in JournalFile(journal.path).lines()][3:] == [last]


def test_zeros_left_by_a_power_cut_are_an_unfinished_line(journal: JournalFile) -> None:
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + b"\0" * 512)

    write(JournalFile(journal.path), "T-next")

    assert len(list(JournalFile(journal.path).lines())) == 4


def test_a_whole_last_line_that_lacks_only_its_newline_is_kept(journal: JournalFile) -> None:
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-1])
    after_restart = JournalFile(journal.path)

    assert after_restart.view().lines == 3
    assert journal.path.read_bytes() == whole
    write(after_restart, "T-next")
    assert len(list(JournalFile(journal.path).lines())) == 4


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_finished_line_that_was_altered_is_refused_and_nothing_is_cut(journal: JournalFile, line: int) -> None:
    lines = journal.path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"fee":"30680000"', b'"fee":"30680001"')
    journal.path.write_bytes(b"".join(lines))
    fresh = JournalFile(journal.path)

    with pytest.raises(JournalBroken, match=f"line {line + 1}") as refusal:
        fresh.view()
    with pytest.raises(JournalBroken):
        write(fresh, "T-next")
    with pytest.raises(JournalBroken):
        list(journal.lines())

    assert str(journal.path) in str(refusal.value)
    assert "restore" in str(refusal.value)
    assert journal.path.read_bytes() == b"".join(lines)


def test_a_line_that_is_missing_is_refused(journal: JournalFile) -> None:
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(lines[0] + lines[2])

    with pytest.raises(JournalBroken, match="line 2"):
        JournalFile(journal.path).view()


@pytest.mark.parametrize("junk", [b"\n", b"hello\n", b"\xff\xfe\n", b"{}\n"])
def test_what_is_no_line_of_ours_is_refused(journal: JournalFile, junk: bytes) -> None:
    with journal.path.open("ab") as file:
        file.write(junk)

    with pytest.raises(JournalBroken, match="line 4"):
        journal.view()


def test_a_file_that_became_shorter_while_in_use_is_refused(journal: JournalFile) -> None:
    lines = journal.path.read_bytes().splitlines(keepends=True)
    os.truncate(journal.path, len(lines[0]))

    with pytest.raises(JournalBroken, match="shorter"):
        journal.view()
    with pytest.raises(JournalBroken, match="shorter"):
        write(journal, "T-next")


def test_a_file_that_was_replaced_while_in_use_is_refused(journal: JournalFile) -> None:
    copy = journal.path.with_suffix(".copy")
    copy.write_bytes(journal.path.read_bytes())
    copy.rename(journal.path)

    with pytest.raises(JournalBroken, match="replaced"):
        journal.view()


def test_a_file_that_disappeared_while_in_use_is_refused(journal: JournalFile) -> None:
    journal.path.unlink()

    with pytest.raises(JournalBroken, match="disappeared"):
        journal.view()
    with pytest.raises(JournalBroken):
        write(journal, "T-next")


def test_what_the_disk_has_no_room_for_is_taken_back_whole(journal: JournalFile) -> None:
    whole = journal.path.read_bytes()

    with (
        no_room_beyond(len(whole) + 100),
        pytest.raises(JournalBroken, match="nothing is broadcast") as refusal,
    ):
        write(journal, "T-next")

    assert "File too large" in str(refusal.value)
    assert journal.path.read_bytes() == whole
    assert journal.view().lines == 3
    write(journal, "T-next")
    assert len(list(JournalFile(journal.path).lines())) == 4


@contextmanager
def asked_of_the_disk() -> Iterator[list[str]]:
    """By this thread, in order, as the interpreter sees it."""
    asked: list[str] = []

    def note(_frame: FrameType, event: str, function: object) -> None:
        name = getattr(function, "__name__", "")
        if event == "c_call" and name in {"flock", "write", "fsync"}:
            asked.append(name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield asked
    finally:
        sys.setprofile(before)


def test_a_line_is_written_alone_and_is_on_the_disk_when_append_returns_whoever_wrote_it(journal: JournalFile) -> None:
    with asked_of_the_disk() as asked:
        write(journal, "T-next")
    assert asked == ["flock", "write", "fsync"]

    other = JournalFile(journal.path)
    write(other, "T-other")
    with asked_of_the_disk() as asked:
        write(other, "T-next")
    assert asked == ["flock", "fsync"]


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    journal = open_journal(tmp_path / "state", "hot")

    with pytest.raises(JournalBroken, match="check that it and its folder"):
        write(journal, "T-1")


def test_processes_that_append_at_once_leave_one_whole_chain(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from adapters.journal_file import JournalFile\n"
        "from tests.contracts.journal import write\n"
        "journal = JournalFile(Path(sys.argv[1]))\n"
        "for number in range(20): write(journal, f'T-{sys.argv[2]}-{number}')\n"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", program, str(path), str(worker)], cwd=ROOT) for worker in range(2)
    ]
    assert [worker.wait() for worker in workers] == [0, 0]

    lines = list(JournalFile(path).lines())
    assert len(lines) == 40
    assert {line.seq for line in lines} == set(range(1, 41))


def test_a_writer_killed_at_any_moment_leaves_whole_lines(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from adapters.journal_file import JournalFile\n"
        "from tests.contracts.journal import write\n"
        "journal = JournalFile(Path(sys.argv[1])); start = journal.view().lines\n"
        "for number in range(start, start + 10_000):\n"
        "    write(journal, f'T-{number}'); print(number, flush=True)\n"
    )
    for _ in range(3):
        worker = subprocess.Popen(
            [sys.executable, "-c", program, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        for _ in range(25):
            promised = int(worker.stdout.readline())
        worker.kill()
        promised = max([promised, *map(int, worker.stdout.read().split()[:-1])])
        worker.wait()
        worker.stdout.close()

        lines = list(JournalFile(path).lines())
        assert [line.txid for line in lines] == [digest(f"T-{n}") for n in range(len(lines))]
        assert len(lines) > promised


def test_reading_again_reads_only_what_is_new(journal: JournalFile) -> None:
    # What was read is not read again: a change there is found by whoever reads the whole file.
    raw = journal.path.read_bytes()
    with journal.path.open("r+b") as file:
        file.write(b"0" * 64)

    journal.append(Entry.COMMIT, digest("T-next"), NOW, body_of("T-next"))

    assert journal.view().lines == 4
    assert len(journal.path.read_bytes()) > len(raw)
    with pytest.raises(JournalBroken, match="line 1"):
        JournalFile(journal.path).view()
