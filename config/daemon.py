"""
The daemon: the ticks of one process, and how it starts and ends.

It only orders the parts. What may be paid is decided by the worker on the row that it commits, so a
tick that fires twice, in two processes or never, changes nothing but the time.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from adapters.logs import News
from adapters.told_store import told
from config.people.watch import PeopleWatch
from config.telling import Telling
from payout import __version__
from payout.errors import PayoutError, SettingsError, StoreError
from payout.halt_watch import HaltWatch
from payout.quote.rate_acceptance import Acceptances
from payout.swaps.errands import AtOnce, ThreadErrands

if TYPE_CHECKING:
    from adapters.schedule import Tick
    from config.wiring import House
    from payout.swaps.broker import Broker
    from payout.swaps.errands import Errands
    from payout.swaps.follower import Follower

log = logging.getLogger("payout.daemon")

DONE: Final = 0
FAULT: Final = 1
EXPIRE_SECONDS: Final = 60
PEOPLE_SECONDS: Final = 15
RELEASE_SECONDS: Final = 2.0
"""The database may be away too, and the process must end all the same."""

PAY_AFTER_SECONDS: Final = 2
"""The first payment waits for the first rates, so that a start does not begin with a refusal."""

CHECKPOINT_AFTER_SECONDS: Final = 5
"""Verifying the history begins when the start itself is over."""


class Daemon:
    """All ticks of one process."""

    def __init__(self, house: House, wallets: Sequence[str]) -> None:
        """
        Makes every part at once: a missing key or database is told now, not at the first payment.

        Raises:
            SettingsError, StoreUnavailable: it cannot start.
        """
        self._house = house
        house.store = told(house.store)
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._desk = house.desk
        self._poller = house.poller
        self._polled = house.assets.polled
        self._acceptances = Acceptances(
            store=house.store, book=house.book, key=house.audit_key, since=house.clock.now()
        )
        self._workers = {name: house.worker(name, self._owner) for name in wallets}
        self._brokers = self._make_brokers()
        self._errands = ThreadErrands()
        self._follower = self._make_follower(self._errands)
        self._audit = house.audit.watch()
        self._halts = HaltWatch(store=house.store, clock=house.clock, halts=house.halts)
        self._news = News(log)
        self._watch = PeopleWatch(house.people, house.store, house.clock)
        self._telling = Telling(house, self._owner)
        self._tellers = ThreadErrands(width=1)

    def run(self) -> int:
        """Tick until SIGTERM or SIGINT; ends the process itself where a tick hangs."""
        from adapters.schedule import Schedule

        schedule = Schedule(self._ticks())
        schedule.stop_on_signals()
        self._say_started()
        ended = schedule.run()
        self._close()
        # Also where a tick hangs: what it may still try fails, as it no longer has the lease.
        releasing = threading.Thread(target=self._release, name="release", daemon=True)
        releasing.start()
        releasing.join(RELEASE_SECONDS)
        log.info("daemon.stopped", extra={"owner": self._owner})
        if not ended or releasing.is_alive():
            # A thread that hangs in a call would keep the process; what it does is resumed by the
            # next start. Nothing is lost: the commit is the decision.
            logging.shutdown()
            sys.stdout.flush()
            os._exit(DONE)
        return DONE

    def once(self) -> int:
        """Every tick one time, in the order in which a refund needs them."""
        self._say_started()
        worst = DONE
        for name, call in self._order():
            try:
                call()
            except PayoutError as error:
                log.warning("tick.failed", extra={"tick": name, "why": str(error)})
                worst = FAULT
        self._close()
        self._release()
        return worst

    def _make_brokers(self) -> list[Broker]:
        made = [self._house.swaps.broker(worker.wallet) for worker in self._workers.values()]
        return [broker for broker in made if broker is not None]

    def _make_follower(self, errands: Errands) -> Follower:
        wallets = {name: worker.wallet for name, worker in self._workers.items()}
        return self._house.swaps.follower(self._house.store, self._house.sealer, wallets, errands)

    def _order(self) -> list[tuple[str, Callable[[], None]]]:
        workers = self._workers.items()
        track = [(f"track:{name}", worker.track) for name, worker in workers]
        pay = [(f"pay:{name}", worker.pay) for name, worker in workers]
        orders = [("orders", broker.tick) for broker in self._brokers]
        follow = [("follow", self._make_follower(AtOnce()).tick)]
        # Return addresses are made while tracking, orders need one, and paying needs the orders.
        paying = [*track, *orders, *pay, *track, *follow]
        first = [
            ("people", self._watch.look),
            ("halts", self._halts.look),
            ("rates", self._poll),
            ("expire", self._expire_or_raise),
        ]
        # The checkpoint comes last, so that it holds what was done now.
        return [*first, *paying, ("deliver", self._deliver_now), ("checkpoint", self._audit.tick)]

    def _ticks(self) -> list[Tick]:
        from adapters.schedule import Tick

        given = self._house.settings.worker
        ticks = [
            Tick(name="rates", call=self._rates, every_seconds=given.rates_seconds),
            Tick(name="expire", call=self._expire, every_seconds=EXPIRE_SECONDS),
            Tick(name="people", call=self._look_at_people, every_seconds=PEOPLE_SECONDS),
            Tick(name="halts", call=self._look_at_halts, every_seconds=PEOPLE_SECONDS),
        ]
        every = given.tick_seconds
        # Threads of their own: a slow processor or chain never keeps a payment waiting.
        ticks.append(Tick(name="follow", call=self._follow, every_seconds=every))
        ticks.append(Tick(name="deliver", call=self._deliver, every_seconds=every))
        ticks.append(
            Tick(
                name="checkpoint",
                call=self._checkpoint,
                every_seconds=60 * self._house.settings.audit.checkpoint_minutes,
                first_seconds=CHECKPOINT_AFTER_SECONDS,
            )
        )
        if self._brokers:
            ticks.append(Tick(name="orders", call=self._orders, every_seconds=every, first_seconds=PAY_AFTER_SECONDS))
        for name, worker in self._workers.items():
            ticks += [
                Tick(name=f"track:{name}", call=worker.track, every_seconds=every),
                Tick(
                    name=f"pay:{name}",
                    call=worker.pay,
                    every_seconds=every,
                    first_seconds=PAY_AFTER_SECONDS,
                ),
            ]
        return ticks

    def _poll(self) -> None:
        self._poller.tick(self._polled)
        for words in self._acceptances.take(self._house.clock.now()):
            log.warning("rates.acceptance_seen", extra={"words": words})

    def _expire_or_raise(self) -> None:
        count = self._desk.expire()
        if count:
            log.info("approvals.expired", extra={"refunds": count})

    def _rates(self) -> None:
        self._guarded("rates", self._poll)

    def _expire(self) -> None:
        self._guarded("expire", self._expire_or_raise)

    def _look_at_people(self) -> None:
        self._guarded("people", self._watch.look)

    def _look_at_halts(self) -> None:
        self._guarded("halts", self._halts.look)

    def _checkpoint(self) -> None:
        self._guarded("checkpoint", self._audit.tick)

    def _orders(self) -> None:
        for broker in self._brokers:
            self._guarded("orders", broker.tick)

    def _follow(self) -> None:
        self._guarded("follow", self._follower.tick)

    def _deliver(self) -> None:
        self._guarded("deliver", lambda: self._telling.tick(self._tellers, self._guarded))

    def _deliver_now(self) -> None:
        self._telling.tick(AtOnce(), lambda _name, work: work())

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        """One log line for each change of state, however long the database is away."""
        try:
            work()
        except (StoreError, SettingsError) as error:
            self._news.bad(name, str(error))
        else:
            self._news.good(name)

    def _close(self) -> None:
        """End the threads that make orders; those that follow end with the process."""
        for broker in self._brokers:
            broker.close()

    def _release(self) -> None:
        """Let another worker take over at once, rather than when the leases run out."""
        for name, worker in self._workers.items():
            try:
                worker.release()
            except StoreError as error:
                log.warning("lease.not_released", extra={"wallet": name, "why": str(error)})

    def _say_started(self) -> None:
        log.info(
            "daemon.started",
            extra={
                "version": __version__,
                "instance": self._house.settings.instance.id,
                "owner": self._owner,
                "wallets": ",".join(self._workers),
                "processors": ",".join(self._house.swaps.processors),
                "database": self._house.settings.database.shown,
            },
        )
