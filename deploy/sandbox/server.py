"""monerod and monero-wallet-rpc: programs that speak JSON-RPC with named parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deploy.sandbox.program import Program
from deploy.sandbox.rpc import JsonRpc


class Server(Program):
    """A program of Monero's."""

    port_option = "--rpc-bind-port"

    def __init__(self, root: Path, name: str, *, port: int | None, login: str | None) -> None:
        super().__init__(root, name, port=port)
        self.login = login
        self._rpc = JsonRpc(self.url, login)

    def disconnect(self) -> None:
        self._rpc.close()

    def call(self, method: str, timeout: float | None = None, **params: Any) -> dict[str, Any]:
        return self._rpc.call(method, timeout, **params)

    def post(self, path: str, timeout: float | None = None, **body: Any) -> dict[str, Any]:
        return self._rpc.post(path, timeout, **body)
