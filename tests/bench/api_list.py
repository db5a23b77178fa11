"""
Measure 7: what listing refunds through the API costs with a million of them on record, against a thousand.

`payout console` runs as the process that it is; the time is what its caller on loopback waits, so a little more than
the server's own. Both installations are asked in turns.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from adapters.database.migrate import migrate
from config.main import main
from tests.bench import history
from tests.bench.figure import Figure, spread, times
from tests.console_process import Caller, ConsoleProcess, make_key

MOST_RATIO: Final = 1.2
MOST_MILLISECONDS: Final = 100.0
LIMIT: Final = 50
PAGES_IN: Final = 5
"""How many pages a caller has turned when the page after them is timed."""

WARM_ROUNDS: Final = 5
PERCENT: Final = 95


class Site:
    """One installation with so many paid refunds, served."""

    def __init__(self, folder: Path, paid: int) -> None:
        self.config = installed(folder)
        file = folder / "var" / "payout.db"
        for each in folder.glob("var/payout.db*"):
            each.unlink()
        migrate(f"sqlite:///{file}")
        history.fill(f"sqlite:///{file}", paid, sealed_bytes=200)
        self.console = ConsoleProcess(self.config)
        self.key = make_key(self.config, "bench", "refunds:read")

    def asked(self, caller: Caller) -> Mapping[str, str]:
        """What is timed: the first page, one deep inside, one of a status, and a single refund."""
        path = first = f"/refunds?limit={LIMIT}"
        newest = caller.get(first).json["data"][0]["external_id"]
        for _ in range(PAGES_IN):
            if (cursor := caller.get(path).json["next_cursor"]) is not None:
                path = f"{first}&cursor={cursor}"
        return {
            "first page": first,
            "a page further on": path,
            "those PAID": f"{first}&status=PAID",
            "one by external_id": f"/refunds?external_id={newest}",
        }


def measure(*, many: int, few: int, rounds: int) -> list[Figure]:
    """A figure for each kind of listing."""
    with _sites(many, few) as (large, small):
        found: dict[str, tuple[list[float], list[float]]] = {}
        for turn in range(WARM_ROUNDS + rounds):
            for place, (caller, asked) in enumerate((large, small)):
                for name, path in asked.items():
                    took = milliseconds(lambda path=path, caller=caller: _right(caller, path))  # type: ignore[misc]
                    if turn >= WARM_ROUNDS:
                        found.setdefault(name, ([], []))[place].append(took)
    return [_figure(name, *kept, many, few) for name, kept in found.items()]


def _figure(name: str, large: list[float], small: list[float], many: int, few: int) -> Figure:
    ratio = statistics.median(large) / statistics.median(small)
    slow = percentile(large, PERCENT)
    return Figure(
        name=f"GET /refunds, {name}, {many:,} on record",
        ours=f"{spread(large, '.1f')} ms, p{PERCENT} {slow:.1f} ms",
        other=f"{spread(small, '.1f')} ms, {few:,} on record",
        ratio=times(ratio, 2),
        target=f"<= {MOST_RATIO} x, p{PERCENT} <= {MOST_MILLISECONDS:.0f} ms",
        met=ratio <= MOST_RATIO and slow <= MOST_MILLISECONDS,
        note=f"median of {len(large)} requests each, in turns, {LIMIT} a page, as the caller on loopback waits",
    )


@contextmanager
def _sites(many: int, few: int) -> Iterator[tuple[tuple[Caller, Mapping[str, str]], tuple[Caller, Mapping[str, str]]]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as ends:
        sites = [Site(Path(name) / str(paid), paid) for paid in (many, few)]
        for site in sites:
            ends.enter_context(site.console)
        # Only now: a connection on which nothing is said for some seconds is closed.
        callers = [Caller(site.console.port, site.key) for site in sites]
        for caller in callers:
            ends.callback(caller.close)
        large, small = ((caller, site.asked(caller)) for site, caller in zip(sites, callers, strict=True))
        yield large, small


def installed(folder: Path) -> Path:
    """After `payout init`: the configuration."""
    from contextlib import redirect_stdout
    from io import StringIO

    folder.mkdir(parents=True)
    config = folder / "payout.toml"
    with redirect_stdout(StringIO()):
        code = main(["--config", str(config), "init"])
    if code != 0:
        raise RuntimeError(f"`payout init` ended with {code}")
    return config


def percentile(values: list[float], percent: int) -> float:
    """The value below which so many of a hundred lie."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def milliseconds(act: Callable[[], None]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def _right(caller: Caller, path: str) -> None:
    answer = caller.get(path)
    if answer.status != 200:
        raise RuntimeError(f"GET {path} was answered with {answer.status}: {answer.body[:500]!r}")
