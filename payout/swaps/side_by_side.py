"""
Side by side: calls to slow services side by side, each service in threads of its own.

One that hangs until its deadline holds up its own calls and nobody else's.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")


class SideBySide:
    """`width` calls at a time for each name. Of width 1 there are no threads: each call is made in its turn."""

    def __init__(self, names: Iterable[str], width: int) -> None:
        self._pools = {name: ThreadPoolExecutor(width, f"calls:{name}") for name in names} if width > 1 else {}

    def run(self, jobs: Sequence[tuple[str, Callable[[], T]]]) -> list[T]:
        """
        Make all calls, and return what they return, in the order given.

        Every call is waited for; then the first error, if there was one, is raised.
        """
        if not self._pools:
            return [call() for _, call in jobs]
        futures: list[Future[T]] = [self._pools[name].submit(call) for name, call in jobs]
        for future in futures:
            future.exception()
        return [future.result() for future in futures]

    def close(self) -> None:
        """End the threads, when what they do now is done."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
