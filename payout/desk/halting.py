"""
Halting: pausing a wallet, a processor or all, and lifting a pause. What is committed goes on.

Pauses are kept by who set them: an API key lifts its own and nobody else's, so that it can stop money and never start
what somebody else has stopped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payout.approval import API_PREFIX, Act
from payout.change import Change, Pause
from payout.desk.office import Office
from payout.errors import BadInput, NotAllowed
from payout.event import Event, said
from payout.scope import ALL
from payout.text import iso

if TYPE_CHECKING:
    from datetime import datetime


class Halting(Office):
    """Acts on pauses."""

    __slots__ = ()

    def pause(self, scope: str, who: str, why: str, until: datetime | None = None) -> Pause:
        """
        Stop commits of a wallet, through a processor, or of all; `until`: it ends by itself then.

        Somebody's own earlier pause of the same scope is replaced.

        Raises:
            NotAllowed: this person is not known here.
            BadInput: `until` is over already.
        """
        self._permit(who, Act.PAUSE)
        now = self.clock.now()
        if until is not None and until <= now:
            raise BadInput("until", f"{iso(until)} is over", f"give a time to come; it is {iso(now)} now")
        pause = Pause(scope=scope, who=who, why=why, at=now, until=until)
        ends = f" until {iso(until)}" if until else ""
        event = self._halted(scope, "paused", f"{scope} paused by {who}{ends}: {why}", who, until)
        self.store.commit(Change(pauses=(pause,), events=(event,)))
        return pause

    def resume(self, scope: str, who: str) -> bool:
        """
        Lift the pauses of a scope, whoever set them; False if there is none. An API key lifts only its own.

        The wallet's guards run again before anything is committed.

        Raises:
            NotAllowed: it takes the role admin; of a key: only others have paused it.
        """
        self._permit(who, Act.RESUME)
        setters = {pause.who for pause in self.store.pauses() if pause.scope == scope}
        if not setters:
            return False
        if not who.startswith(API_PREFIX):
            event = self._halted(scope, "resumed", f"{scope} resumed by {who}", who)
            self.store.commit(Change(resume=(scope,), events=(event,)))
            return True
        others = ", ".join(sorted(setters - {who}))
        if who not in setters:
            raise NotAllowed(f"{scope} was paused by {others}, not by {who}: ask an admin for `payout resume {scope}`")
        still = f"; it is still paused by {others}" if others else ""
        event = self._halted(scope, "resumed", f"{who} lifted their own pause of {scope}{still}", who)
        self.store.commit(Change(lift=((scope, who),), events=(event,)))
        return True

    def _halted(self, scope: str, what: str, words: str, who: str, until: datetime | None = None) -> Event:
        """`wallet.paused` and the like; of a processor `processor.paused`, since no wallet has its name."""
        is_processor = scope in self.processors
        return Event(
            at=self.clock.now(),
            kind=f"processor.{what}" if is_processor else f"wallet.{what}",
            words=words,
            who=who,
            wallet=None if is_processor or scope == ALL else scope,
            facts=said(scope=scope, until=until.isoformat() if until else None),
        )
