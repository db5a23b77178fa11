"""Settings: every problem at once, by name and line; and nothing guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings, find_file, load
from payout.errors import SettingsError
from tests.factories import usd

TEMPLATE = Path(__file__).parent.parent.parent / "config" / "template.toml"


def read(folder: Path, text: str) -> Settings:
    file = folder / "payout.toml"
    file.write_text(text)
    return load(file)


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read(folder, text)
    return caught.value.problems


def secret(folder: Path, name: str, text: str, mode: int = 0o600) -> Path:
    file = folder / name
    file.write_text(text)
    file.chmod(mode)
    return file


def test_an_empty_file_has_sound_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, "")

    assert settings.instance.state_dir == tmp_path / "var"
    assert settings.database.sqlite_file == tmp_path / "var" / "payout.db"
    assert [source.name for source in settings.rates.sources] == ["kraken", "coingecko", "bitfinex", "kucoin"]
    assert (settings.limits.refund_min, settings.limits.refund_max) == (usd("1.00"), usd("500.00"))
    assert settings.limits.day_max == usd("5000.00")
    assert settings.worker.tick_seconds == 5


def test_a_wallet_has_the_defaults_of_the_contract(tmp_path: Path) -> None:
    wallet = read(tmp_path, "[wallets.hot]\n").wallets[0]

    assert (wallet.confirmations, wallet.batch_max, wallet.outputs_target) == (10, 15, 16)
    assert (wallet.priority, wallet.watch_depth, wallet.fee_max) == (1, 100, usd("1.00"))
    assert (wallet.rpc_url, wallet.daemon_url) == ("http://127.0.0.1:18083", "http://127.0.0.1:18081")


def test_what_init_writes_is_valid_as_it_is(tmp_path: Path) -> None:
    settings = read(tmp_path, TEMPLATE.read_text())

    assert [wallet.name for wallet in settings.wallets] == ["hot"]


def test_every_default_that_the_template_shows_is_the_default(tmp_path: Path) -> None:
    shown = TEMPLATE.read_text()
    for name in ("confirmations", "fee_max", "network", "watch_depth", "batch_max", "outputs_target", "priority"):
        shown = shown.replace(f"# {name}", name, 1)

    assert read(tmp_path, shown).wallets == read(tmp_path, TEMPLATE.read_text()).wallets


def test_all_problems_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """\
[instance]
id = "not a name"
[wallets.hot]
confirmatons = 3
rpc_url = "localhost:18083"
fee_max_usd = 1.0
rpc_login_file = "nowhere"
batch_max = 16
priority = "fast"
[rate]
[rates]
sources = ["krakn", "coingecko"]
[limits]
day_max_usd = "1e3"
""",
    )

    told = "\n".join(found)
    assert "payout.toml:2: [instance] id: 'not a name'" in told
    assert "payout.toml:4: [wallets.hot] confirmatons: is not a known key; did you mean confirmations?" in told
    assert "payout.toml:5: [wallets.hot] rpc_url:" in told
    assert (
        'payout.toml:6: [wallets.hot] fee_max_usd: is a bare number: put the amount in quotes, such as "1.00"' in told
    )
    assert f"payout.toml:7: [wallets.hot] rpc_login_file: {tmp_path}/nowhere does not exist" in told
    assert "payout.toml:8: [wallets.hot] batch_max: 16 is out of range: use 1 to 15" in told
    assert "payout.toml:9: [wallets.hot] priority: must be a whole number" in told
    assert "payout.toml:10: rate: is not a known table; did you mean [rates]?" in told
    assert "'krakn' is not known; did you mean kraken?" in told
    assert "payout.toml:14: [limits] day_max_usd: is written with an exponent" in told


@pytest.mark.parametrize("written", ["1.0", "1", "true", "[1]", '"-1.00"', '"1,00"', '""', '"nan"', '"1.001"'])
def test_an_amount_that_is_not_plain_dollars_in_quotes_is_refused(tmp_path: Path, written: str) -> None:
    (found,) = problems(tmp_path, f"[limits]\nrefund_min_usd = {written}\n")

    assert "[limits] refund_min_usd" in found


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host",
        "host:1",
        "http://",
        "http://user:pass@host",
        "http://h:99999",
        "http://h/?a=1",
        "http://h:0",
    ],
)
def test_an_address_that_is_not_plain_http_is_refused_and_never_shown_with_a_login(tmp_path: Path, url: str) -> None:
    (found,) = problems(tmp_path, f'[wallets.hot]\nrpc_url = "{url}"\n')

    assert "[wallets.hot] rpc_url" in found
    assert "pass" not in found


def test_a_secret_that_others_can_read_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    file = secret(tmp_path, "login", "user:password", mode=0o640)

    (found,) = problems(tmp_path, '[wallets.hot]\nrpc_login_file = "login"\n')

    assert f"chmod 600 {file}" in found


def test_a_secret_is_read_relative_to_the_file_and_never_shows_itself(tmp_path: Path) -> None:
    secret(tmp_path, "login", "user:c4nary\n")

    wallet = read(tmp_path, '[wallets.hot]\nrpc_login_file = "login"\n').wallets[0]

    assert wallet.rpc_login is not None
    assert wallet.rpc_login.reveal() == "user:c4nary"
    assert "c4nary" not in f"{wallet!r} {wallet.rpc_login} {wallet.rpc_login!r}"


def test_a_secret_in_the_file_itself_needs_a_file_that_others_cannot_read(tmp_path: Path) -> None:
    text = '[wallets.hot]\npassword = "c4nary"\n'
    (tmp_path / "payout.toml").touch(mode=0o644)

    (found,) = problems(tmp_path, text)
    assert "chmod 600" in found
    assert "c4nary" not in found

    (tmp_path / "payout.toml").chmod(0o600)
    password = read(tmp_path, text).wallets[0].password
    assert password is not None
    assert password.reveal() == "c4nary"


def test_a_login_without_a_colon_is_refused(tmp_path: Path) -> None:
    secret(tmp_path, "login", "password")

    (found,) = problems(tmp_path, '[wallets.hot]\nrpc_login_file = "login"\n')

    assert 'must read "user:password"' in found


@pytest.mark.parametrize(
    ("given", "full"),
    [
        ("postgresql://u:pw@h/d", "postgresql+psycopg://u:pw@h/d"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://postgres@/db?host=/run/pg", "postgresql+psycopg://postgres@/db?host=/run/pg"),
    ],
)
def test_a_postgresql_address_gets_our_driver_and_is_shown_without_its_password(
    tmp_path: Path, given: str, full: str
) -> None:
    database = read(tmp_path, f'[database]\nurl = "{given}"\n').database

    assert database.url.reveal() == full
    assert "pw" not in f"{database.shown} {database!r}"


def test_a_sqlite_path_is_relative_to_the_file(tmp_path: Path) -> None:
    database = read(tmp_path, '[database]\nurl = "sqlite:///state/p.db"\n').database

    assert database.sqlite_file == tmp_path / "state" / "p.db"
    assert database.url.reveal() == f"sqlite:///{tmp_path}/state/p.db"


def test_another_database_is_refused_by_name(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, '[database]\nurl = "mysql://u:pw@h/d"\n')

    assert "[database] url" in found
    assert "pw" not in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[limits]\nrefund_min_usd = "9.00"\nrefund_max_usd = "8.00"\n', "is above refund_max_usd = 8.00"),
        ('[limits]\nday_max_usd = "10.00"\n', "is below refund_max_usd = 500.00"),
        ("[wallets.hot]\nconfirmations = 20\nwatch_depth = 10\n", "must be at least confirmations = 20"),
        ('[rates]\nsources = ["kraken"]\n', "names 1, and sources_min asks for 2"),
        ('[rates]\nsources = ["kraken", "kraken"]\n', "names one twice"),
        ("[rates]\nsources_min = 1\n", "use 2 to 5"),
        ('[rates.kraken]\nurl = "x"\n', "[rates.kraken] url"),
        ('[rates.kraken]\napi_key = "x"\n', "[rates.kraken] api_key: is not a known key"),
        ("[wallets.all]\n", "choose another name"),
        ("wallets = 3\n", "must be a table"),
        ('[wallets.a]\n[wallets.b]\nrpc_url = "http://127.0.0.1:18083"\n', "is the one of [wallets.a] too"),
        ('[wallets.hot]\nwallet_file = "../hot"\n', "not a path"),
        ('[wallets.hot]\nkind = "bitcoin"\n', "'bitcoin' is not known: use monero"),
    ],
)
def test_settings_that_contradict_each_other_are_named(tmp_path: Path, text: str, words: str) -> None:
    assert words in "\n".join(problems(tmp_path, text))


def test_tables_of_the_contract_that_this_version_does_not_read_are_known_by_name(tmp_path: Path) -> None:
    assert read(tmp_path, '[pages]\nlisten = "127.0.0.1:8711"\n').unused == ("pages",)


@pytest.mark.parametrize("text", ["[instance\n", "a = \n", '[a]\n"b" = 1\n"b" = 2\n'])
def test_what_is_not_toml_is_refused_with_the_parsers_words(tmp_path: Path, text: str) -> None:
    (found,) = problems(tmp_path, text)

    assert found.startswith("payout.toml: is not valid TOML")


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="payout init"):
        load(tmp_path / "payout.toml")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "payout.toml").write_bytes(b"id = '\xff'\n")

    with pytest.raises(SettingsError, match="byte 7 is not UTF-8"):
        load(tmp_path / "payout.toml")


def test_the_flag_wins_over_the_environment_and_that_over_the_working_folder(tmp_path: Path) -> None:
    environ = {"PAYOUT_CONFIG": "/b/payout.toml"}

    assert find_file("/a/payout.toml", environ) == Path("/a/payout.toml")
    assert find_file(None, environ) == Path("/b/payout.toml")
    assert find_file(None, {}) == Path.cwd() / "payout.toml"
