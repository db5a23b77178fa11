"""Each wallet: its node, its wallet-rpc, whose wallet is open, and its outputs."""

from __future__ import annotations

from collections.abc import Iterator

from config.doctor.check import Check, fail, ok, warn
from config.settings import WalletSettings
from config.wiring import ASSETS, House
from payout.errors import RailUnavailable, WalletUnsafe
from payout.guard import check_identity
from payout.money import Money
from payout.ports import Funds, Standing


def examine(house: House) -> Iterator[Check]:
    """Ask every node and every wallet."""
    for settings in house.settings.wallets:
        yield from _node(settings)
        yield from _wallet(house, settings)


def _node(settings: WalletSettings) -> Iterator[Check]:
    from adapters.coins.monero.daemon import Daemon
    from adapters.coins.monero.rpc import Rpc

    what = f"node {settings.name}"
    login = settings.daemon_login.reveal() if settings.daemon_login else None
    rpc = Rpc(settings.daemon_url, name="monerod", login=login)
    try:
        seen = Daemon(rpc).info()
    except RailUnavailable as error:
        yield fail(what, str(error), f"look at the monerod of {settings.daemon_url}")
        return
    if seen.network not in settings.networks:
        words = f"it is on {seen.network}, the wallet is configured for {settings.network}"
        yield fail(what, words, f"correct daemon_url or network of [wallets.{settings.name}]")
    else:
        yield ok(what, f"{seen.network}, {seen.tip} blocks, synchronised")


def _wallet(house: House, settings: WalletSettings) -> Iterator[Check]:
    what = f"wallet {settings.name}"
    coin = house.coin(settings.name)
    try:
        standing = coin.check()
        funds = coin.funds()
    except RailUnavailable as error:
        yield fail(what, str(error), f"look at the wallet-rpc of {settings.rpc_url}")
        return
    yield ok(what, "reachable, open, and as far as its node")
    yield _identity(house, settings, standing)
    yield _outputs(settings, funds)


def _identity(house: House, settings: WalletSettings, standing: Standing) -> Check:
    what = f"address {settings.name}"
    try:
        check_identity(house.wallet(settings.name), standing)
    except WalletUnsafe as error:
        return fail(what, error.why, error.remedy)
    if settings.address or house.store.wallet(settings.name):
        return ok(what, f"{standing.address[:12]}.. is the one that is pinned")
    return ok(what, f"{standing.address[:12]}.. will be pinned at the first run")


def _outputs(settings: WalletSettings, funds: Funds) -> Check:
    what = f"outputs {settings.name}"
    unlocked = sum(holding.unlocked for holding in funds.holdings)
    asset = ASSETS[settings.kind]
    words = (
        f"{unlocked} of {len(funds.holdings)} unlocked, target {settings.outputs_target}; "
        f"{Money(funds.unlocked, asset)} of {Money(funds.balance, asset)} {asset.code} unlocked"
    )
    if not funds.balance:
        return warn(what, words, "deposit some: nothing can be paid from an empty wallet")
    if 2 * unlocked < min(settings.outputs_target, 2):
        return warn(what, words, "wait for a block or two")
    return ok(what, words)
