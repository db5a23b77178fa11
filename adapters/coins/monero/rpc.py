"""
JSON-RPC to monero-wallet-rpc and monerod: one call out, one answer or one error back.

No call is ever repeated here, and no login, password or payload ever stands in an error.
"""

from __future__ import annotations

import threading
from typing import Any, Final

from requests.auth import HTTPDigestAuth

from adapters.coins.monero.calls import SHORT, Call
from adapters.http import HttpClient, HttpFailed
from payout.errors import RailUnavailable

ANSWER_BYTES_MAX: Final = 64_000_000
"""A wallet of 100,000 outputs lists them in about 40 MB."""
SHOWN_MAX: Final = 200
UNAUTHORIZED: Final = 401


class RpcFault(Exception):
    """The other side's own error: it read the call, and this is what it said. Internal."""

    def __init__(self, where: str, code: int, message: str) -> None:
        super().__init__(f"{where}: {message or 'no reason given'} (code {code})")
        self.code = code
        self.message = message


class Rpc:
    """One monero-wallet-rpc or one monerod. `login` is `user:password`, for digest auth."""

    def __init__(self, url: str, *, name: str, login: str | None = None) -> None:
        self.name = name
        self._url = url
        self._login = login
        self._clients = threading.local()
        # A bad address is told now, and not at the first call.
        self._client()

    def ask(self, call: Call) -> dict[str, Any]:
        """
        Make a call and return the object that it answers.

        Raises:
            RailUnavailable: no whole answer came.
            RpcFault: it answered with an error.
        """
        where = f"{self.name} {call.name}"
        if call.plain:
            return _object(self._post(f"/{call.name}", dict(call.body), call), where)
        envelope = {"jsonrpc": "2.0", "id": "0", "method": call.name, "params": dict(call.body)}
        answer = _object(self._post("/json_rpc", envelope, call), where)
        if "error" in answer:
            raise _fault(answer["error"], where)
        return _object(answer.get("result"), where)

    def _client(self) -> HttpClient:
        """
        This thread's own: a digest login's nonce belongs to one connection, and a call that another thread pushed on
        to another one would be refused.
        """
        client: HttpClient | None = getattr(self._clients, "client", None)
        if client is None:
            auth = HTTPDigestAuth(*self._login.split(":", 1)) if self._login else None
            client = HttpClient(self._url, name=self.name, auth=auth, timeouts=SHORT, body_bytes_max=ANSWER_BYTES_MAX)
            self._clients.client = client
        return client

    def _post(self, path: str, body: dict[str, Any], call: Call) -> Any:
        try:
            return self._client().post_json(path, body, timeouts=call.timeouts)
        except KeyError:
            # The library takes it for granted that whoever asks for a digest login names its realm and nonce.
            words = f"{self.name} asks for a login that is no digest login: is a proxy before it?"
            raise RailUnavailable(words) from None
        except HttpFailed as error:
            if error.status == UNAUTHORIZED:
                words = f"{self.name} refuses the login: check its login file"
                raise RailUnavailable(words) from None
            raise RailUnavailable(f"{error} ({call.name})") from None


def _object(answer: Any, where: str) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise RailUnavailable(f"{where}: the answer is not what it should be; is the address right?")
    return answer


def _fault(error: Any, where: str) -> RpcFault:
    facts = error if isinstance(error, dict) else {}
    code, message = facts.get("code"), facts.get("message")
    return RpcFault(
        where,
        code if isinstance(code, int) else 0,
        ascii(message)[1:-1][:SHOWN_MAX] if isinstance(message, str) else "",
    )
