"""JSON-RPC to monerod and monero-wallet-rpc, for the sandbox's own use.

The worker has its own client with its own rules about what an answer proves; this one is for
tests and tools that want an answer or an exception.
"""

from __future__ import annotations

import contextlib
from typing import Any

import requests
from requests.auth import HTTPDigestAuth

# Opening a wallet makes an RSA key, and the wallet answers one call at a time.
PATIENCE_SECONDS = 300.0


class RpcError(Exception):
    """The error object of a JSON-RPC answer."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"{method} answered {code}: {message}")
        self.method = method
        self.code = code
        self.message = message


class JsonRpc:
    """One keep-alive connection to one server; digest login where "user:password" is given."""

    def __init__(self, url: str, login: str | None = None) -> None:
        self.url = url
        self._session = requests.Session()
        # The proxies of the environment must never see loopback calls.
        self._session.trust_env = False
        if login is not None:
            user, _, password = login.partition(":")
            self._session.auth = HTTPDigestAuth(user, password)

    def call(self, method: str, timeout: float | None = None, **params: Any) -> dict[str, Any]:
        """The result object. Raises RpcError, or an OSError when there is no answer at all."""
        body = {"jsonrpc": "2.0", "id": "0", "method": method, "params": params}
        answer = self._post("json_rpc", body, timeout)
        if "error" in answer:
            raise RpcError(method, answer["error"]["code"], answer["error"]["message"])
        result: dict[str, Any] = answer["result"]
        return result

    def post(self, path: str, timeout: float | None = None, **body: Any) -> dict[str, Any]:
        """One of monerod's endpoints beside /json_rpc."""
        return self._post(path, body, timeout)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._session.close()

    def _post(self, path: str, body: dict[str, Any], timeout: float | None) -> dict[str, Any]:
        reply = self._session.post(f"{self.url}/{path}", json=body, timeout=timeout or PATIENCE_SECONDS)
        reply.raise_for_status()
        answer: dict[str, Any] = reply.json()
        return answer
