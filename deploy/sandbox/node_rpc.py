"""JSON-RPC with positional parameters, as anvil and bcoin speak it, for the sandbox's own use."""

from __future__ import annotations

import contextlib
from typing import Any

import requests

from deploy.sandbox.rpc import RpcError

PATIENCE_SECONDS = 60.0


class NodeRpc:
    """Calls to one node; basic login where "user:password" is given."""

    def __init__(self, url: str, login: str | None = None) -> None:
        self.url = url
        self._session = requests.Session()
        # The proxies of the environment must never see loopback calls.
        self._session.trust_env = False
        # bcoin closes what was idle for 5 s, now and then just as a call arrives: nobody knows then what was done.
        self._session.headers["Connection"] = "close"
        if login is not None:
            user, _, password = login.partition(":")
            self._session.auth = (user, password)

    def call(self, method: str, *params: Any) -> Any:
        """The result. Raises RpcError, or an OSError when there is no answer at all."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = self.send("POST", "", body)
        error = answer.get("error")
        if error is not None:
            raise RpcError(method, error["code"], error["message"])
        return answer["result"]

    def send(self, verb: str, path: str, body: object = None) -> Any:
        """One of a node's own endpoints beside JSON-RPC; its JSON."""
        reply = self._session.request(verb, self.url + path, json=body, timeout=PATIENCE_SECONDS)
        if not reply.ok:
            raise requests.HTTPError(f"{verb} {path} answered {reply.status_code}: {reply.text}", response=reply)
        return reply.json()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._session.close()
