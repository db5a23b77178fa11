"""
JSON-RPC over `HttpClient`, for nodes that are only read.

A node's error object may come with status 200, 404 or 500; whichever it is, it becomes `RpcSaid`. Everything else
that is not a result stays what `HttpClient` makes of it.
"""

from __future__ import annotations

from typing import Any, Final

from adapters.http.client import HttpClient, Timeouts
from adapters.http.errors import HttpFailed, Unknown

WORDS_MAX: Final = 200


class RpcSaid(Exception):
    """The error object of an answer: the node understood the call and refused it."""

    def __init__(self, method: str, code: int, words: str) -> None:
        super().__init__(f"{method} answered {code}: {words}")
        self.code = code
        self.words = words


class JsonRpc:
    """Positional JSON-RPC at the base address of `http`. `version` is what the node expects to read there."""

    def __init__(self, http: HttpClient, *, version: str = "2.0") -> None:
        self._http = http
        self._version = version

    def call(self, method: str, *params: Any, timeouts: Timeouts | None = None) -> Any:
        """
        The result, unchecked.

        Raises:
            RpcSaid: The node refused.
            HttpFailed: No usable answer.
        """
        answer = self.answer(method, params, timeouts)
        error = answer.get("error")
        if error is not None:
            raise _said(method, error)
        if "result" not in answer:
            raise Unknown(f"{self._http.name} {method}: the answer has neither result nor error")
        return answer["result"]

    def answer(self, method: str, params: Any, timeouts: Timeouts | None = None) -> dict[str, Any]:
        """The whole answer, with `result` or `error` in it. Raises HttpFailed."""
        body = {"jsonrpc": self._version, "id": 1, "method": method, "params": list(params or ())}
        try:
            answer = self._http.post_json("", body, timeouts=timeouts)
        except HttpFailed as failed:
            if not isinstance(failed.body, dict) or not isinstance(failed.body.get("error"), dict):
                raise
            answer = failed.body
        if not isinstance(answer, dict):
            raise Unknown(f"{self._http.name} {method}: the answer is not an object")
        return answer


def _said(method: str, error: Any) -> RpcSaid:
    if not isinstance(error, dict):
        return RpcSaid(method, 0, ascii(str(error))[1:-1][:WORDS_MAX])
    code = error.get("code")
    words = ascii(str(error.get("message")))[1:-1][:WORDS_MAX]
    return RpcSaid(method, code if isinstance(code, int) else 0, words)
