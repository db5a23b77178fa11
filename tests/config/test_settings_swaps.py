"""Settings of processors, swaps, chains and the console: every problem at once, by name; and nothing guessed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from config.settings import Settings, load
from payout.errors import SettingsError
from tests.factories import usd

TEMPLATE = Path(__file__).parent.parent.parent / "config" / "template.toml"
HOT = "[wallets.hot]\n"
CHANGENOW = '[processors.changenow]\napi_key_file = "key"\n'


def read(folder: Path, text: str) -> Settings:
    key = folder / "key"
    key.write_text("c4nary\n")
    key.chmod(0o600)
    file = folder / "payout.toml"
    file.write_text(text)
    return load(file)


def problems(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(folder, text)
    return "\n".join(caught.value.problems)


def test_without_a_processor_nothing_is_swapped_and_nothing_is_asked_for(tmp_path: Path) -> None:
    settings = read(tmp_path, "[wallets.a]\n[wallets.b]\nrpc_url = 'http://127.0.0.1:1'\n")

    assert settings.processors == ()
    assert settings.chains == ()
    assert settings.swaps.wallet is None


def test_one_key_file_is_all_that_a_processor_needs(tmp_path: Path) -> None:
    settings = read(tmp_path, HOT + CHANGENOW)

    (given,) = settings.processors
    assert (given.name, given.kind, given.url) == ("changenow", "changenow", None)
    assert (given.order_max, given.day_max) == (usd("500.00"), usd("2000.00"))
    swaps = settings.swaps
    assert (swaps.wallet, swaps.choose, swaps.spread_max, swaps.overdue_hours) == ("hot", (), Decimal(5), 48)


def test_a_processors_key_never_shows_itself(tmp_path: Path) -> None:
    settings = read(tmp_path, HOT + CHANGENOW)

    (given,) = settings.processors
    assert given.api_key is not None
    assert given.api_key.reveal() == "c4nary"
    assert "c4nary" not in repr(settings)


def test_two_accounts_at_one_processor_have_names_of_their_own(tmp_path: Path) -> None:
    text = '[processors.second]\nkind = "trocador"\nkyc_worst = "B"\napi_key_file = "key"\n'

    first, second = read(tmp_path, HOT + CHANGENOW + text).processors

    assert (first.kind, second.kind, second.name, second.kyc_worst) == ("changenow", "trocador", "second", "B")


def test_routes_say_who_is_asked_and_what_is_not_paid(tmp_path: Path) -> None:
    text = """\
[processors.exolix]
api_key_file = "key"
[swaps]
choose = ["exolix", "changenow"]
spread_max_percent = "2.5"
[swaps.routes]
USDT-tron = "none"
USDT = "best"
BTC = ["exolix"]
"""
    swaps = read(tmp_path, HOT + CHANGENOW + text).swaps

    assert swaps.choose == ("exolix", "changenow")
    assert swaps.spread_max == Decimal("2.5")
    assert swaps.routes == {
        ("USDT", "ethereum"): (),
        ("USDT", "tron"): None,
        ("BTC", "bitcoin"): ("exolix",),
    }


def test_a_chain_is_told_whose_word_is_taken(tmp_path: Path) -> None:
    text = """\
[chains.bitcoin]
kind = "bitcoind"
url = "http://127.0.0.1:18443/"
login_file = "login"
realm = "regtest"
identity = "0f91"
confirmations = 2
[chains.ethereum]
url_file = "node"
"""
    for name, words in (("login", "u:p"), ("node", "https://node.example/v3/c4nary")):
        (tmp_path / name).write_text(words)
        (tmp_path / name).chmod(0o600)

    bitcoin, ethereum = read(tmp_path, text).chains

    assert (bitcoin.kind, bitcoin.url.reveal(), bitcoin.realm) == ("bitcoind", "http://127.0.0.1:18443", "regtest")
    assert (bitcoin.identity, bitcoin.confirmations) == ("0f91", 2)
    assert (ethereum.kind, ethereum.url.reveal()) == ("evm", "https://node.example/v3/c4nary")
    assert "c4nary" not in repr(ethereum)


def test_the_console_listens_on_this_machine_unless_told_otherwise(tmp_path: Path) -> None:
    console = read(tmp_path, "").console

    assert (console.host, console.port, console.public_url) == ("127.0.0.1", 8710, None)
    assert console.hook_key_file == tmp_path / "var" / "hooks.key"
    assert read(tmp_path, '[console]\nlisten = "[::1]:9000"\n').console.host == "::1"


def test_all_problems_of_all_tables_are_named_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """\
[wallets.hot]
[processors.changenow]
api_key_flie = "key"
order_max_usd = 50
[processors.elsewhere]
api_key_file = "key"
[processors.exolix]
api_key_file = "key"
kyc_worst = "A"
[swaps]
wallet = "hto"
choose = ["changnow"]
spread_max_percent = 5
[swaps.routes]
BTCC = ["exolix"]
ETH = []
XMR = "best"
[chains.bitcion]
url = "http://h"
[chains.ethereum]
kind = "esplora"
[chains.tron]
url = "h"
realm = "testnet"
[console]
listen = "8710"
""",
    )

    for words in (
        "[processors.changenow] api_key_file: is missing",
        "[processors.changenow] api_key_flie: is not a known key; did you mean api_key_file?",
        "[processors.changenow] order_max_usd: is a bare number",
        "[processors.elsewhere] kind: is missing",
        "[processors.exolix] kyc_worst: is not a known key",
        "[swaps] wallet: 'hto' is no wallet: use hot",
        "'changnow' is not known; did you mean changenow?",
        "[swaps] spread_max_percent: must be text in quotes",
        "[swaps.routes] BTCC: is no asset that is swapped; did you mean BTC?",
        "[swaps.routes] ETH: names nobody",
        "[swaps.routes] XMR: is no asset that is swapped",
        "[chains] bitcion: is no network that is known",
        "[chains.ethereum] url: is missing",
        "[chains.ethereum] kind: 'esplora' is not known: use evm",
        "[chains.tron] url:",
        "[chains.tron] identity: is needed for a testnet",
        "[console] listen: '8710' is not HOST:PORT",
    ):
        assert words in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[processors.hot]\nkind = "exolix"\napi_key_file = "key"\n', "is the name of [wallets.hot] too"),
        ('[processors.all]\nkind = "exolix"\napi_key_file = "key"\n', "choose another name"),
        ('[processors.best]\nkind = "exolix"\napi_key_file = "key"\n', "choose another name"),
        (CHANGENOW + 'day_max_usd = "10.00"\n', "is below order_max_usd = 500.00"),
        (CHANGENOW + "[wallets.cold]\nrpc_url = 'http://127.0.0.1:1'\n", "[swaps] wallet: is needed"),
        ('[swaps]\nchoose = "none"\n', 'must be "best" or a list'),
        ('[swaps]\nspread_max_percent = "0"\n', "above 0 and at most 50"),
        ('[swaps]\nspread_max_percent = "5,0"\n', "must be a percentage in quotes"),
        ('[processors.exolix]\napi_key_file = "nokey"\n', "nokey does not exist"),
        ('[chains.bitcoin]\nurl = "http://u:c4nary@h"\n', "holds a login"),
        ('[chains.bitcoin]\nkind = "bitcoind"\nurl = "http://h"\nlogin_file = "key"\n', 'must read "user:password"'),
        ('[instance]\nassets_file = "none.toml"\n', "none.toml: cannot be read as TOML"),
    ],
)
def test_what_contradicts_itself_is_named(tmp_path: Path, text: str, words: str) -> None:
    found = problems(tmp_path, HOT + text)

    assert words in found
    assert "c4nary" not in found


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").write_text("k")
    (tmp_path / "open").chmod(0o644)

    assert "chmod 600" in problems(tmp_path, HOT + '[processors.exolix]\napi_key_file = "open"\n')


def test_every_default_of_swaps_that_the_template_shows_is_the_default(tmp_path: Path) -> None:
    _, _, rest = TEMPLATE.read_text().partition("# [processors.changenow]")
    shown = "# [processors.changenow]" + rest.partition("# [swaps.routes]")[0]
    kept = [
        line.removeprefix("# ")
        for line in shown.splitlines()
        if line.startswith(("# order_max", "# day_max", "# choose", "# spread", "# overdue", "# [", "# wallet"))
    ]
    text = HOT + "\n".join(kept).replace("[processors.changenow]", CHANGENOW)

    written, silent = read(tmp_path, text), read(tmp_path, HOT + CHANGENOW)
    assert (written.processors, written.swaps) == (silent.processors, silent.swaps)
