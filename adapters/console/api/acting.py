"""
One request of a known caller, and the promise of its Idempotency-Key: what it did is done once, and the same request
gets the same answer for ever.

The answer is written in the transaction of what was done, so neither can be on record without the other. A request
that was refused leaves nothing: it may be mended and sent again with the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, cast

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from adapters.console.api.parts import ApiParts
from adapters.console.api.problems import RETRY_SECONDS, Problem
from adapters.console.api.reading import ApiRequest, canonical
from payout.api_key import ApiKey
from payout.change import Change
from payout.errors import PayoutError, StoreError, WalletUnsafe
from payout.ports import Store
from payout.reply import Reply

REPLAYED: Final = "Idempotent-Replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status and a JSON object."""

    status: int
    body: Any

    def response(self, *, replayed: bool = False) -> Response:
        """As it is sent."""
        return JSONResponse(self.body, self.status, {REPLAYED: "true"} if replayed else None)


Told = Callable[[Change], Answer | None]
"""The answer to give once this change is on record; None: it is not yet what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who calls, and under which Idempotency-Key."""

    parts: ApiParts
    key: ApiKey
    request: ApiRequest = field(repr=False)
    replay_key: str | None = None

    @property
    def who(self) -> str:
        """As the history names the caller."""
        return self.key.actor

    def once(self, do: Callable[[Store], Answer], told: Told | None = None) -> Response:
        """
        Do it, or give the answer of the time when it was done.

        `do` writes by the store that it is given. `told` makes the same answer from the
        change that does it, before it is written; without it the answer is kept after `do`.

        Raises:
            Problem: the key belongs to another request, or one with it is under way.
        """
        store = self.parts.store
        if self.replay_key is None:
            return do(store).response()
        keeper = _Keeper(self, self.replay_key, _fingerprint(self.request, self.who))
        with keeper.alone():
            # One transaction finds out by itself that it was done before; anything else has to ask first.
            before = keeper.kept() if told is None else None
            if before is not None:
                return before.response(replayed=True)
            try:
                return keeper.do(store, do, told).response()
            except (PayoutError, Problem):
                before = keeper.look_again()
                if before is None:
                    raise
                return before.response(replayed=True)


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Keeps and finds the answer of one request."""

    act: Act
    key: str
    fingerprint: str

    @contextmanager
    def alone(self) -> Iterator[None]:
        """
        While its request is worked on. One of another process waits in the database, and finds the answer.

        Raises:
            Problem: one with this key is under way.
        """
        under_way, mine = self.act.parts.under_way, object()
        if under_way.setdefault(self.key, mine) is not mine:
            raise Problem("idempotency_in_progress", headers={"Retry-After": str(RETRY_SECONDS)})
        try:
            yield
        finally:
            del under_way[self.key]

    def kept(self) -> Answer | None:
        """
        What was answered before.

        Raises:
            Problem: to another request, or it cannot be read.
        """
        reply = self.act.parts.store.reply(self.key)
        if reply is None:
            return None
        if reply.fingerprint != self.fingerprint:
            raise Problem("idempotency_key_reused")
        try:
            key, fingerprint, status, body = json.loads(self.act.parts.answers.unseal_text(reply.body))
        except (WalletUnsafe, ValueError):
            raise Problem("stored_answer_unreadable") from None
        # The seal covers them too: a row that was copied to another key answers nothing.
        if (key, fingerprint) != (self.key, self.fingerprint):
            raise Problem("stored_answer_unreadable")
        return Answer(status=status, body=body)

    def look_again(self) -> Answer | None:
        """After a refusal, which may be since it was done before, or a commit whose answer was lost."""
        try:
            return self.kept()
        except StoreError:
            return None

    def do(self, store: Store, do: Callable[[Store], Answer], told: Told | None) -> Answer:
        """Do it, and have the answer written in the same transaction; where nothing had to be done, by itself."""
        if told is None:
            answer = do(store)
            store.commit(Change(replies=(self.reply(answer),)))
            return answer
        keeping = _KeepingStore(store, self, told)
        answer = do(cast("Store", keeping))
        if not keeping.wrote:
            store.commit(Change(replies=(self.reply(answer),)))
        return answer

    def reply(self, answer: Answer) -> Reply:
        """The row."""
        parts = self.act.parts
        facts = json.dumps([self.key, self.fingerprint, answer.status, answer.body])
        return Reply(
            key=self.key,
            fingerprint=self.fingerprint,
            status=answer.status,
            body=parts.answers.seal_text(facts),
            at=parts.clock.now(),
        )


class _KeepingStore:
    """A store that adds the reply to the change that does what was asked; all else is the store's own."""

    def __init__(self, store: Store, keeper: _Keeper, told: Told) -> None:
        self._store = store
        self._keeper = keeper
        self._told = told
        self.wrote = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, change: Change) -> None:
        answer = None if self.wrote else self._told(change)
        if answer is None:
            self._store.commit(change)
            return
        self._store.commit(replace(change, replies=(self._keeper.reply(answer),)))
        self.wrote = True


def _fingerprint(request: ApiRequest, who: str) -> str:
    """SHA-256 of who asks, method, path and what the body says, however it is spelled."""
    said = canonical(getattr(request, "_json", None))
    # By name: whoever has a new API key of the same name gets the old answers, and nobody gets another's secrets.
    text = f"{who}\n{request.method}\n{request.url.path}\n{request.url.query}\n{said}"
    return hashlib.sha256(text.encode()).hexdigest()


async def act_of(request: Request) -> Act:
    """What the route put there when it admitted the caller."""
    act: Act = request.state.act
    return act


Acting = Annotated[Act, Depends(act_of)]
"""The parameter of a route's function."""
