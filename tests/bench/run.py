"""
`make bench`: the table of ratios, from one run on this machine.

    make bench                              everything, in some ten minutes
    make bench ARGS="--only window start"   some measures
    make bench ARGS=--markdown              the table as the README has it
    make bench ARGS=--quick                 a smoke run: its figures mean nothing
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from tests.bench import api_create, api_list, orders, start, ticks, wallet, window
from tests.bench.figure import Figure, machine_line, print_markdown, print_table

Measures = Mapping[str, Callable[[], list[Figure]]]

FULL: Final[Measures] = {
    "window": lambda: window.measure((8, 16)),
    "wallet": lambda: wallet.measure(rounds=5),
    "history": lambda: ticks.measure(many=1_000_000, few=1_000, rounds=100),
    "orders": lambda: orders.measure(orders=100, others=20, rounds=5, batch=30),
    "start": lambda: start.measure(refunds=1_000, runs=9),
    "list": lambda: api_list.measure(many=1_000_000, few=1_000, rounds=100),
    "create": lambda: api_create.measure(creates=200, rounds=9),
}
QUICK: Final[Measures] = {
    "window": lambda: window.measure((16,), refunds=4),
    "wallet": lambda: wallet.measure(rounds=1, kinds=["subaddresses"]),
    "history": lambda: ticks.measure(many=300, few=30, rounds=1),
    "orders": lambda: orders.measure(orders=10, others=4, rounds=1, batch=4),
    "start": lambda: start.measure(refunds=10, runs=1),
    "list": lambda: api_list.measure(many=300, few=30, rounds=1),
    "create": lambda: api_create.measure(creates=8, rounds=1),
}


def main() -> int:
    """Print the table; 1 if a target was missed."""
    asked = _arguments()
    measures, machine = QUICK if asked.quick else FULL, machine_line()
    figures: list[Figure] = []
    for name in asked.only or measures:
        began = time.monotonic()
        print(f"measuring {name} ...", end=" ", file=sys.stderr, flush=True)
        figures += measures[name]()
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    if asked.quick:
        figures = [replace(figure, met=None) for figure in figures]
    if asked.markdown:
        print_markdown(figures, machine)
    else:
        print(machine + (" (quick: these figures mean nothing)" if asked.quick else ""), end="\n\n")
        print_table(figures)
    return 1 if any(figure.met is False for figure in figures) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the worker against naive clients, on a real regtest node.")
    parser.add_argument("--only", nargs="+", choices=sorted(FULL), metavar="MEASURE", help=", ".join(FULL))
    parser.add_argument("--markdown", action="store_true", help="print rows for the README")
    parser.add_argument("--quick", action="store_true", help="a smoke run; its figures mean nothing")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
