"""Settings of what others reach us by and how we tell them: every door is closed unless it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import load
from tests.canary import secret as sealed
from tests.config.test_settings import TEMPLATE, problems, read, secret
from tests.factories import usd


def test_nothing_is_believed_called_or_told_unless_it_is_written(tmp_path: Path) -> None:
    settings = read(tmp_path, "[wallets.hot]\n")

    assert settings.console.trusted_proxies == ()
    assert (settings.console.requests_per_minute, settings.console.strangers_per_minute) == (600, 30)
    assert (settings.console.changes_per_day, settings.console.body_kb_max) == (20_000, 64)
    assert (settings.webhooks.allow_private, settings.webhooks.timeout_seconds) == ((), 15)
    assert settings.webhooks.keep_days == 30
    assert settings.alarms.urls == ()
    assert settings.audit.key_file == tmp_path / "var" / "audit.key"
    assert settings.audit.checkpoint_files == (tmp_path / "var" / "checkpoints.jsonl",)
    assert settings.audit.checkpoint_minutes == 5
    assert settings.instance.intake_key_file == tmp_path / "var" / "intake.key"
    assert settings.wallets[0].low == usd("0.01") - usd("0.01")


def test_networks_paths_and_amounts_are_read(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """\
[wallets.hot]
low_usd = "50.00"
[console]
trusted_proxies = ["127.0.0.1", "10.0.0.0/8", "::1"]
[webhooks]
allow_private = ["10.1.2.0/24"]
[audit]
checkpoint_files = ["a.jsonl", "/mnt/elsewhere/b.jsonl"]
""",
    )

    assert settings.console.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8", "::1/128")
    assert settings.webhooks.allow_private == ("10.1.2.0/24",)
    assert settings.audit.checkpoint_files == (tmp_path / "a.jsonl", Path("/mnt/elsewhere/b.jsonl"))
    assert settings.wallets[0].low == usd("50.00")


def test_alarms_are_read_from_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    url = f"mailtos://user:{sealed('mail password')}@mail.example"
    secret(tmp_path, "alarms.secret", f"# by mail\n{url}\n\njson://127.0.0.1:9/x\n")

    settings = read(tmp_path, '[alarms]\nurls_file = "alarms.secret"\n')

    assert [each.reveal() for each in settings.alarms.urls] == [url, "json://127.0.0.1:9/x"]
    assert sealed("mail password") not in repr(settings)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[console]\ntrusted_proxies = ["10.0.0.1/8"]\n', "payout.toml:2: [console] trusted_proxies: '10.0.0.1/8'"),
        ("[console]\ntrusted_proxies = [2130706433]\n", "2130706433 is no network"),
        ('[console]\ntrusted_proxies = "10.0.0.1"\n', "must be a list"),
        ("[console]\nrequests_per_minute = 0\n", "use 1 to 100000"),
        ("[console]\nbody_kb_max = 9999\n", "use 1 to 1024"),
        ("[console]\nchanges_per_day = 0\n", "use 1 to 10000000"),
        ('[webhooks]\nallow_private = ["localhost"]\n', "'localhost' is no network"),
        ("[webhooks]\nallow_private = true\n", "must be a list"),
        ("[webhooks]\ntimeout_seconds = 31\n", "use 1 to 30"),
        ("[webhooks]\nkeep_days = 0\n", "use 1 to 3650"),
        ("[audit]\ncheckpoint_files = []\n", "must name one file at least"),
        ("[audit]\ncheckpoint_minutes = 0\n", "use 1 to 1440"),
        ('[audit]\nkeyfile = "x"\n', "keyfile: is not a known key; did you mean key_file?"),
        ('[alarms]\nurls_file = "none"\n', "does not exist: create it with mode 600"),
        ('[wallets.hot]\nlow_usd = "0.00"\n', "low_usd: is zero"),
        ("[alarm]\n", "did you mean [alarms]?"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    assert words in "\n".join(problems(tmp_path, text))


def test_an_address_that_is_none_is_counted_and_not_shown(tmp_path: Path) -> None:
    secret(tmp_path, "alarms.secret", f"json://h/x\n{sealed('no address')}\n")

    (found,) = problems(tmp_path, '[alarms]\nurls_file = "alarms.secret"\n')

    assert "address 2 is none as Apprise writes them" in found
    assert sealed("no address") not in found


def test_every_new_default_that_the_template_shows_is_the_default(tmp_path: Path) -> None:
    shown = TEMPLATE.read_text()
    lines = [line.removeprefix("# ") for line in shown.splitlines()]
    for name in ("[console]", "[audit]"):
        start = next(number for number, line in enumerate(lines) if line.startswith(name))
        table = [lines[start]]
        for line in lines[start + 1 :]:
            if not line.strip() or line.startswith("["):
                break
            # Examples that are no defaults.
            if not line.startswith(("public_url", "trusted_proxies")):
                table.append(line)
        (tmp_path / "payout.toml").write_text("\n".join(table))
        settings, plain = load(tmp_path / "payout.toml"), read(tmp_path, "")
        assert (settings.console, settings.audit) == (plain.console, plain.audit)
