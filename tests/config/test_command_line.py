"""The command line as a whole: grammar, exit codes, one calm line for each error, and start-up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.commands import FILES
from config.main import main
from tests.config.line import CONFIGURATION, Line

HEAVY = (
    *("alembic", "requests", "apscheduler", "cryptography", "monero"),
    *("rich", "web3", "tenacity", "webauthn", "apprise"),
)
NOT_ASKED_FOR = ("config.commands.orders", "config.commands.status", "config.assets", "payout.desk", "payout.quote")
COMMANDS = {
    "init": (),
    "run": (),
    "pause": (),
    "resume": (),
    "doctor": (),
    "status": (),
    "wallets": (),
    "rates": ("accept",),
    "refunds": (
        *("add", "import", "list", "show", "approve", "reject", "hold"),
        *("release", "amend", "cancel", "resolve"),
    ),
    "users": ("list", "key", "sign"),
    "transfers": ("list", "show", "give-up"),
    "proof": ("show", "check"),
    "reconcile": (),
    "ledger": ("classify",),
    "orders": ("list", "show", "recheck"),
    "processors": (),
    "audit": ("verify", "export", "checkpoint", "key"),
    "webhooks": ("add", "list", "rotate", "stop", "test", "deliveries", "resend"),
    "alarms": ("test",),
    "api-keys": ("add", "list", "revoke"),
    "console": (),
}


def payout(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The real executable, in a process of its own."""
    environ = {**os.environ, **more}
    command = [sys.executable, "-m", "config.main", *words]
    root = str(Path(__file__).parent.parent.parent)
    environ["PYTHONPATH"] = root
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_of_the_contract_is_there_with_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ((command,), *((command, verb) for verb in COMMANDS[command])):
        assert main([*words, "--help"]) == 0
        assert f"usage: payout {' '.join(words)}" in capsys.readouterr().out


def test_the_file_of_every_command_is_known() -> None:
    assert {word for words in FILES.values() for word in words} == COMMANDS.keys()


def test_without_a_command_help_is_shown_as_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "payout init" in capsys.readouterr().err
    assert main(["refunds"]) == 2
    assert "approve" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [("refund",), ("refunds", "lst"), ("refunds", "list", "--nope"), ("refunds", "add"), ("refunds", "approve")],
)
def test_what_is_not_understood_is_bad_input(words: tuple[str, ...]) -> None:
    assert main(words) == 2


def test_a_mistyped_command_names_the_one_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["refunds", "lst"]) == 2
    assert "'lst' is not known; did you mean list?" in capsys.readouterr().err
    assert main(["zzz"]) == 2
    assert "'zzz' is not known; use one of init, doctor" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["reject", "hold", "amend", "cancel", "resolve"])
def test_what_stops_or_ends_a_refund_needs_a_reason(line: Line, verb: str) -> None:
    line.add()
    more = {"amend": ("--destination", "x"), "resolve": ("--how", "credited")}.get(verb, ())

    assert line("refunds", verb, "E-1", *more).code == 2
    assert line("refunds", verb, "E-1", *more, "--why", "  ").code == 2
    assert line("transfers", "give-up", "ab" * 32).code == 2
    assert line.status_of() == "REQUESTED"


def test_common_flags_stand_before_or_after_the_command(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(line.file)

    assert main(["--config", file, "--json", "refunds", "list"]) == 0
    assert main(["refunds", "--json", "list", "--config", file]) == 0
    assert main(["refunds", "list", "--config", file, "--json"]) == 0
    assert capsys.readouterr().out == "[]\n" * 3


def test_the_configuration_may_be_named_by_the_environment_or_lie_in_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    Line(tmp_path / "a")

    assert payout(tmp_path / "a", "init").returncode == 0
    assert payout(tmp_path / "a", "refunds", "list").returncode == 0
    assert payout(tmp_path / "b", "refunds", "list").returncode == 2
    named = str(tmp_path / "a" / "payout.toml")
    assert payout(tmp_path / "b", "refunds", "list", PAYOUT_CONFIG=named).returncode == 0


def test_a_listing_imports_no_library_that_it_does_not_need(line: Line) -> None:
    line.add()
    program = (
        "import sys; from config.main import main; "
        f"code = main(['refunds', 'list', '--config', {str(line.file)!r}]); "
        f"print(sorted(set({HEAVY + NOT_ASKED_FOR!r}) & set(sys.modules))); sys.exit(code)"
    )
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)

    assert "E-1" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_problem_of_the_configuration_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    line = Line(tmp_path, CONFIGURATION + "nope = 1\n[more]\n")

    said = line("refunds", "list")

    assert said.code == 2
    assert said.out == ""
    assert [text.startswith("payout: payout.toml:") for text in said.err.splitlines()] == [True, True]


def test_a_database_that_does_not_answer_is_a_fault(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:9/none"
    line = Line(tmp_path, CONFIGURATION + f'[database]\nurl = "{url}"\n')

    said = line("refunds", "list")

    assert said.code == 1
    assert said.err.startswith("payout: ")
    assert "Traceback" not in said.err


def test_who_acts_defaults_to_the_login_name_and_can_be_said(line: Line) -> None:
    line.add("E-1")
    line.add("E-2", "--as", "alice")

    rows = {row["external_id"]: row["requested_by"] for row in line("refunds", "list", "--json").json}

    assert rows["E-2"] == "alice"
    assert rows["E-1"] not in ("", "alice")


@pytest.mark.parametrize("name", ["", "  ", "a\x1b[2J", "x" * 65])
def test_a_name_that_is_none_is_refused(line: Line, name: str) -> None:
    assert line.add("E-1", "--as", name).code == 2
    assert line("refunds", "list", "--json").json == []


def test_a_reader_that_has_seen_enough_is_no_fault_to_complain_of(line: Line) -> None:
    for number in range(60):
        line.add(f"E-{number}")
    root = Path(__file__).parent.parent.parent
    command = f"{sys.executable} -m config.main refunds list --json --config {line.file} | head -c 10"
    done = subprocess.run(["sh", "-c", command], cwd=root, capture_output=True, text=True, check=False)

    assert done.stderr == ""
