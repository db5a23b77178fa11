"""
Would simulator and crash matrix notice a mistake? Each is planted in a copy of the source, and both are run.

    python tests/scenarios/sensitivity.py                 the mistakes that must never survive
    python tests/scenarios/sensitivity.py --all           every one in the business
    python tests/scenarios/sensitivity.py --only NAME

`mutants.py` asks the unit tests; this asks the scenarios, which know nothing of the code. A mistake that a second
guard makes harmless goes unnoticed here, rightly: then the unit tests of that line are all that there is.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.scenarios.mutants import ALL, REQUIRED, Workshop, workshop

SOAK = "tests/scenarios/soak.py"
UNNOTICED = "-"
WORDS_MAX = 70


def main() -> None:
    """The table."""
    options = argparse.ArgumentParser(description="Ask simulator and crash matrix to find planted mistakes.")
    options.add_argument("--all", action="store_true", help="every mistake in payout/")
    options.add_argument("--only", metavar="NAME", help="this one")
    options.add_argument("--lives", default="600", help="how many lives each mistake gets")
    given = options.parse_args()
    business = [each for each in ALL if all(patch.file.startswith("payout/") for patch in each.patches)]
    chosen = [each for each in ALL if each.name == given.only] if given.only else business if given.all else REQUIRED
    noticed = 0
    with workshop() as shop:
        for mistake in chosen:
            with shop.planted(mistake):
                simulator = ask(shop, "--memory", "--lives", given.lives)
                crashes = ask(shop, "--crashes", "--cases")
            noticed += (simulator, crashes) != (UNNOTICED, UNNOTICED)
            print(f"{mistake.name}\n    simulator: {simulator}\n    crashes:   {crashes}", flush=True)
    print(f"\n{noticed} of {len(chosen)} planted mistakes were noticed")


def ask(shop: Workshop, *arguments: str) -> str:
    """What broke first, in a few words."""
    try:
        done = shop._python(SOAK, *arguments)
    except subprocess.TimeoutExpired:
        return UNNOTICED
    return (done.stderr.strip().splitlines() or [UNNOTICED])[0][:WORDS_MAX] if done.returncode else UNNOTICED


if __name__ == "__main__":
    main()
