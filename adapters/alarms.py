"""
Alarms by mail and chat: each address in the operator's file is one service, spoken to through Apprise.

Apprise is imported at the first text, as it takes a third of a second. Its own log lines may quote addresses with
passwords in them, so they are dropped, and a failure is told in our words.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from apprise import Apprise

TIMEOUT_SECONDS: Final = 45.0
"""For one text to one service; whatever hangs longer is left behind."""

_KEY_DIGITS: Final = 12


class AppriseMessenger:
    """One service. `before` are those above it in the file."""

    def __init__(
        self, url: str, before: Sequence[AppriseMessenger] = (), *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._url = url
        self._before = tuple(before)
        self._timeout = timeout_seconds
        scheme = url.partition("://")[0].lower()
        self._name = f"{scheme} (address {len(before) + 1})"

    @property
    def name(self) -> str:
        return self._name

    @cached_property
    def key(self) -> str:
        """From what Apprise shows of it without passwords: a new password is no new service."""
        alike = sum(each.masked == self.masked for each in self._before)
        shown = f"{self.masked} {alike}"
        return hashlib.sha256(shown.encode()).hexdigest()[:_KEY_DIGITS]

    def send(self, title: str, body: str) -> str | None:
        service = self._service
        if service is None:
            return "Apprise does not know such an address: see the examples in its documentation"
        result: Any = service.notify(body=body, title=title, body_format="text")
        if result:
            return None
        return "the text was not taken: check the address, and that the service can be reached from here"

    @cached_property
    def masked(self) -> str:
        """What Apprise shows of the address, without passwords."""
        service: Any = self._service
        return self._name if service is None else str(service[0].url(privacy=True))

    @cached_property
    def _service(self) -> Apprise | None:
        import apprise

        quiet = logging.getLogger("apprise")
        quiet.propagate = False
        if not quiet.handlers:
            quiet.addHandler(logging.NullHandler())
        asset = apprise.AppriseAsset(
            app_id="payout",
            app_desc="payout",
            app_url="",
            async_mode=False,
            http_redirects=False,
            storage_mode="memory",
            service_timeout=self._timeout,
        )
        made = apprise.Apprise(asset=asset)
        return made if made.add(self._url) else None


def messengers(urls: Iterable[str]) -> tuple[AppriseMessenger, ...]:
    """One for each address."""
    made: list[AppriseMessenger] = []
    for url in urls:
        made.append(AppriseMessenger(url, tuple(made)))
    return tuple(made)
