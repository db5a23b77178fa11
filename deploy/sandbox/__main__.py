"""Commands for a sandbox in a folder: start, stop, mine, fund, price, fault, release, status, config.

`start` leaves its processes running; every other command finds them by what is written in the
folder, so a folder can be stopped from anywhere and no foreign process is ever touched.
"""

from __future__ import annotations

import argparse
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

from deploy.sandbox.commands import Sandbox
from deploy.sandbox.market import FAULTS
from deploy.sandbox.network import OUTPUTS, XMR
from deploy.sandbox.process import SandboxError
from deploy.sandbox.processor.faults import CALL_FAULTS, LIFE_FAULTS, SHOW_FAULTS
from deploy.sandbox.rpc import RpcError

DEFAULT_DIR = Path("var/sandbox")


def xmr(text: str) -> int:
    """An amount in XMR as piconero; at most 12 decimals."""
    try:
        units = Decimal(text) * XMR
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text} is not an amount of XMR, like 12.5") from None
    if not units.is_finite() or units <= 0 or units != int(units):
        raise argparse.ArgumentTypeError(f"{text} is not positive with at most 12 decimals")
    return int(units)


def positive(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(text)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m deploy.sandbox",
        description="A real Monero regtest network, a rate server and, with --swaps, a swap processor on this machine.",
    )
    verbs = top.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    start = verbs.add_parser("start", help="boot monerod, two wallets and the rate server; --swaps: a processor too")
    start.add_argument("--mine-every", type=float, metavar="S", help="mine a block every S seconds")
    start.add_argument("--outputs", type=positive, default=OUTPUTS, metavar="K")
    start.add_argument("--outputs-xmr", type=xmr, default=10 * XMR, metavar="XMR")
    start.add_argument("--swaps", action="store_true", help="a swap processor too, with anvil and bcoin to pay on")
    verbs.add_parser("stop", help="end exactly what start began")
    mine = verbs.add_parser("mine", help="mine N blocks")
    mine.add_argument("blocks", type=positive, metavar="N")
    fund = verbs.add_parser("fund", help="pay XMR into the hot wallet and mine it spendable")
    fund.add_argument("amount", type=xmr, metavar="XMR")
    fund.add_argument("--outputs", type=positive, default=1, metavar="K", help="in K equal parts")
    price = verbs.add_parser("price", help="set a price in USD at every source")
    price.add_argument("asset")
    price.add_argument("usd")
    about = "make a rate source or a processor go wrong; kind none mends it"
    shape = argparse.RawDescriptionHelpFormatter
    _add_fault(verbs.add_parser("fault", help=about, epilog=_kinds(), formatter_class=shape))
    release = verbs.add_parser("release", help="let an order that the processor holds go on")
    release.add_argument("order")
    release.add_argument("how", choices=["pay", "return"])
    verbs.add_parser("status", help="what runs where, heights, balances, prices")
    config = verbs.add_parser("config", help="a payout.toml for this sandbox")
    config.add_argument("--out", type=Path, metavar="FILE", help="write it there; never overwrites")
    for verb in verbs.choices.values():
        verb.add_argument("--dir", type=Path, default=DEFAULT_DIR, help="default: %(default)s")
    return top


def _kinds() -> str:
    """Every fault, with what it does."""
    lists = {
        "of a processor's calls": CALL_FAULTS,
        "of what it shows of an order": SHOW_FAULTS,
        "of an order's life": LIFE_FAULTS,
    }
    lines = []
    for title, kinds in lists.items():
        lines += [f"{title}:", *(f"  {kind:<15} {words}" for kind, words in kinds.items()), ""]
    return "\n".join((*lines, "of a rate source:", f"  {', '.join(sorted(FAULTS))}"))


def _add_fault(fault: argparse.ArgumentParser) -> None:
    fault.add_argument("target", help="a rate source, a processor, or `processor` for all of them")
    fault.add_argument("kind", help="what goes wrong, from the lists below")
    fault.add_argument("--asset", help="of a rate source: this one alone")
    fault.add_argument("--order", metavar="ID", help="of a processor: this order; the next one if left out")
    fault.add_argument("--value", help="what exactly: an address, a percentage...")
    fault.add_argument("--call", help="which calls: coins, quote, create, read, list, validate")
    fault.add_argument("--times", type=positive, metavar="N", help="how many calls; one if left out")
    fault.add_argument("--seconds", type=float, metavar="S", help="how long a slow answer takes")


def run(asked: argparse.Namespace) -> None:
    sandbox = Sandbox(asked.dir)
    match asked.verb:
        case "start":
            sandbox.start(asked.outputs, asked.outputs_xmr, asked.mine_every, swaps=asked.swaps)
        case "stop":
            sandbox.stop()
        case "mine":
            sandbox.mine(asked.blocks)
        case "fund":
            sandbox.fund(asked.amount, asked.outputs)
        case "price":
            sandbox.price(asked.asset, asked.usd)
        case "fault":
            options = {name: getattr(asked, name) for name in ("order", "value", "call", "times", "seconds")}
            sandbox.fault(asked.target, asked.kind, asked.asset, options)
        case "release":
            sandbox.release(asked.order, asked.how)
        case "status":
            sandbox.status()
        case "config":
            sandbox.config(asked.out)


def main() -> int:
    try:
        run(parser().parse_args())
    except (SandboxError, RpcError) as problem:
        print(f"sandbox: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"sandbox: {problem}. `status` shows what still runs.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
