"""
Planted mistakes: each is put into a copy of the source, one by one, and some test must fail.

    python tests/scenarios/mutants.py                         those that must never survive
    python tests/scenarios/mutants.py --all                   every one
    python tests/scenarios/mutants.py --only journal-skipped  one, with what its tests print

The tests of a mistake are a few that should notice it, so that it takes seconds. They pass without it: that is
checked first, in the same copy. A patch must fit exactly once; when the code moves on, it is to be written anew.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from tests.scenarios.mistakes import (  # noqa: E402
    approving,
    closing,
    evidence,
    following,
    funding,
    limits,
    making,
    node,
    orders,
    promises,
    records,
    sending,
    telling,
    watching,
    withdrawing,
)
from tests.scenarios.mistakes.mistake import Unusable  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.scenarios.mistakes.mistake import Mistake

COPIED = ("payout", "adapters", "config", "tests", "deploy", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("var", ".hypothesis", "*.log")
SECONDS_MAX = 300
PASSED, FAILED = 0, 1
"""What pytest exits with; anything else means that it could not run the tests."""

ALL: tuple[Mistake, ...] = (
    *promises.MISTAKES,
    *sending.MISTAKES,
    *closing.MISTAKES,
    *limits.MISTAKES,
    *approving.MISTAKES,
    *records.MISTAKES,
    *orders.MISTAKES,
    *making.MISTAKES,
    *funding.MISTAKES,
    *evidence.MISTAKES,
    *following.MISTAKES,
    *node.MISTAKES,
    *telling.MISTAKES,
    *watching.MISTAKES,
    *withdrawing.MISTAKES,
)
REQUIRED = promises.MISTAKES


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one mistake. `caught_by` is the first test that failed; None: it survived."""

    mistake: Mistake
    caught_by: str | None
    seconds: float
    printed: str


class Workshop:
    """A copy of the source in a folder of its own; nothing in it leads back to the original."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "house"
        self.root.mkdir()
        for name in COPIED:
            source, target = HOUSE / name, self.root / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=LEFT_OUT)
            else:
                shutil.copy2(source, target)
        self._check_that_the_copy_is_imported()

    def _check_that_the_copy_is_imported(self) -> None:
        """An installation of the original must not stand in for the copy."""
        names = "payout, adapters, config, tests.factories as tests, deploy"
        done = self._python(
            "-c", f"import {names}\nfor m in (payout, adapters, config, tests, deploy): print(m.__file__)"
        )
        files = done.stdout.split()
        if done.returncode != 0 or not files or not all(Path(file).is_relative_to(self.root) for file in files):
            raise Unusable(f"the copy in {self.root} is not what gets imported: {done.stdout}{done.stderr}")

    @contextmanager
    def planted(self, mistake: Mistake) -> Iterator[None]:
        """The copy with this mistake in it, until the end of the block."""
        before = {patch.file: (self.root / patch.file).read_text() for patch in mistake.patches}
        try:
            for patch in mistake.patches:
                self._write(patch.file, patch.applied_to((self.root / patch.file).read_text()))
            yield
        finally:
            for file, text in before.items():
                self._write(file, text)

    def _write(self, file: str, text: str) -> None:
        path = self.root / file
        path.write_text(text)
        # Bytecode goes by size and whole seconds: two versions of one second could be taken for one another.
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)

    def run(self, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """pytest in the copy, to the first failure."""
        options = ("-x", "-q", "--tb=short", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist")
        return self._python("-m", "pytest", *options, f"--basetemp={self.root.parent / 'tmp'}", *tests)

    def try_out(self, mistake: Mistake) -> Outcome:
        """
        Plant it and run its tests.

        Raises:
            Unusable: its patch does not apply, or its tests do not run.
        """
        began = time.monotonic()
        with self.planted(mistake):
            done = self.run(mistake.tests)
        if done.returncode not in {PASSED, FAILED}:
            raise Unusable(f"{mistake.name}: its tests do not run\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
        failed = re.search(r"^FAILED (\S+?::.*?)(?: - .*)?$", done.stdout, re.MULTILINE)
        if done.returncode == FAILED and failed is None:
            raise Unusable(f"{mistake.name}: no test failed, and pytest did\n{done.stdout[-3000:]}")
        return Outcome(
            mistake=mistake,
            caught_by=failed[1] if failed else None,
            seconds=time.monotonic() - began,
            printed=done.stdout,
        )

    def check_tests(self, mistakes: Sequence[Mistake]) -> None:
        """
        Without a mistake, all of their tests pass: else what fails with one would prove nothing.

        Raises:
            Unusable: one fails.
        """
        tests = tuple(dict.fromkeys(test for mistake in mistakes for test in mistake.tests))
        done = self.run(tests)
        if done.returncode != PASSED:
            raise Unusable(f"the tests fail without any mistake\n{done.stdout[-3000:]}{done.stderr[-1000:]}")

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env={**kept, "PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )


@contextmanager
def workshop() -> Iterator[Workshop]:
    """A copy of the source, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        yield Workshop(Path(folder))


def main() -> int:
    """The table; 1 if a mistake survived or could not be tried."""
    asked = _arguments()
    chosen = [each for each in ALL if each.name == asked.only] if asked.only else list(ALL if asked.all else REQUIRED)
    if not chosen:
        print(f"no mistake is called {asked.only}; there are: {', '.join(each.name for each in ALL)}", file=sys.stderr)
        return 2
    try:
        with workshop() as shop:
            shop.check_tests(chosen)
            caught = _try_out_all(shop, chosen, talkative=asked.only is not None)
    except Unusable as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n{caught} of {len(chosen)} planted mistakes were caught")
    return 0 if caught == len(chosen) else 1


def _try_out_all(shop: Workshop, mistakes: Sequence[Mistake], *, talkative: bool) -> int:
    """A line for each; returns how many were caught."""
    wide = max(len(each.name) for each in mistakes)
    caught = 0
    for mistake in mistakes:
        try:
            outcome = shop.try_out(mistake)
        except Unusable as error:
            print(f"{mistake.name:<{wide}}    -    UNUSABLE: {error}", flush=True)
            continue
        caught += outcome.caught_by is not None
        print(f"{mistake.name:<{wide}}  {outcome.seconds:5.1f} s  {outcome.caught_by or 'SURVIVED'}", flush=True)
        if talkative:
            print(outcome.printed)
    return caught


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Plant mistakes in a copy of the source, and see which test notices.")
    parser.add_argument("--only", metavar="NAME", help="this one, with what its tests print")
    parser.add_argument("--all", action="store_true", help="every mistake, not only those that must never survive")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
