"""
Checks proofs of payment in a wallet-rpc of its own, made for one check and thrown away.

A malformed key or proof can kill monero-wallet-rpc (an assertion in its cryptography), so what comes
from outsiders must never reach the wallet that pays.
"""

from __future__ import annotations

import re
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from requests.auth import HTTPDigestAuth

from adapters.http import HttpClient, HttpFailed, Timeouts
from payout.asset import Asset
from payout.errors import BadInput, RailUnavailable
from payout.money import Money

PROGRAM: Final = "monero-wallet-rpc"
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 5.0
MESSAGE_MAX: Final = 4096
_PAUSE_SECONDS: Final = 0.1
_WAIT: Final = Timeouts(connect=3.0, read=60.0, total=60.0)
_TXID: Final = re.compile(r"[0-9a-f]{64}")
_SIGNATURE: Final = re.compile(r"(?:In|Out)ProofV[12][1-9A-HJ-NP-Za-km-z]{1,20000}")
_NETWORKS: Final = {"mainnet": (), "stagenet": ("--stagenet",), "testnet": ("--testnet",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the proof is worth. `why` says why it is not good."""

    good: bool
    units: int = 0
    confirmations: int = 0
    in_pool: bool = False
    why: str = ""

    def received(self, asset: Asset) -> Money:
        """What the address received in that transaction."""
        return Money(self.units, asset)


def check_proof(
    *,
    daemon_url: str,
    daemon_login: str | None,
    network: str,
    txid: str,
    address: str,
    message: str,
    signature: str,
) -> Checked:
    """
    Is this a proof that the transaction paid the address?

    Raises:
        BadInput: it does not even look like one.
        RailUnavailable: the throw-away wallet or the node did not answer.
    """
    if not _TXID.fullmatch(txid):
        raise BadInput("--txid", "is no transaction id", "give its 64 hexadecimal digits")
    if not _SIGNATURE.fullmatch(signature):
        raise BadInput("--signature", "is no proof", "it begins with OutProofV or InProofV")
    if len(message) > MESSAGE_MAX:
        raise BadInput("--message", "is too long", f"use at most {MESSAGE_MAX} characters")
    with _throw_away(daemon_url, daemon_login, network) as wallet:
        params = {"txid": txid, "address": address, "message": message, "signature": signature}
        try:
            answer = wallet.ask("check_tx_proof", params)
        except RailUnavailable:
            if wallet.alive():
                raise
            # That is why it is thrown away: the proof killed it.
            return Checked(good=False, why="it is malformed: it crashed the wallet that read it")
    return _checked(answer)


def _checked(answer: dict[str, Any]) -> Checked:
    if "error" in answer:
        return Checked(good=False, why=ascii(answer["error"].get("message", ""))[1:-1])
    result = answer.get("result", {})
    if result.get("good") is not True:
        return Checked(good=False, why="the signature does not fit txid, address and message")
    return Checked(
        good=True,
        units=int(result.get("received", 0)),
        confirmations=int(result.get("confirmations", 0)),
        in_pool=result.get("in_pool") is True,
    )


class _Wallet:
    """A running throw-away wallet-rpc."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, login: str) -> None:
        self._process = process
        self._http = HttpClient(
            f"http://127.0.0.1:{port}",
            name="the throw-away wallet-rpc",
            auth=HTTPDigestAuth(*login.split(":", 1)),
            timeouts=_WAIT,
        )

    def alive(self) -> bool:
        """It has not crashed. A dying process is given a moment to be gone."""
        try:
            self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return True
        return False

    def running(self) -> bool:
        return self._process.poll() is None

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The whole answer, with `result` or `error`. Raises RailUnavailable."""
        body = {"jsonrpc": "2.0", "id": "0", "method": method, "params": params}
        try:
            answer = self._http.post_json("/json_rpc", body)
        except HttpFailed as error:
            raise RailUnavailable(str(error)) from None
        return answer if isinstance(answer, dict) else {}


@contextmanager
def _throw_away(daemon_url: str, daemon_login: str | None, network: str) -> Iterator[_Wallet]:
    with tempfile.TemporaryDirectory(prefix="payout-proof-") as folder:
        login = f"check:{secrets.token_urlsafe(16)}"
        port = _free_port()
        logins = [f"rpc-login={login}"]
        if daemon_login is not None:
            logins.append(f"daemon-login={daemon_login}")
        command = [*_command(Path(folder), port, logins), *_NETWORKS[network]]
        command += ["--daemon-address", daemon_url]
        if daemon_url.startswith("http://"):
            # Otherwise it first makes a key for TLS, which takes seconds.
            command += ["--daemon-ssl", "disabled"]
        process = _start(command, folder)
        try:
            wallet = _Wallet(process, port, login)
            _create(wallet)
            yield wallet
        finally:
            _stop(process)


def _command(folder: Path, port: int, logins: list[str]) -> list[str]:
    # Logins go into a file: a command line is there for every user of the machine to read.
    settings = folder / "wallet-rpc.conf"
    settings.touch(mode=0o600)
    settings.write_text("\n".join(logins) + "\n", encoding="utf-8")
    return [
        PROGRAM,
        *("--config-file", str(settings)),
        *("--wallet-dir", str(folder)),
        *("--log-file", str(folder / "log")),
        *("--log-level", "0"),
        *("--shared-ringdb-dir", str(folder / "ring")),
        *("--rpc-bind-ip", "127.0.0.1"),
        *("--rpc-bind-port", str(port)),
        *("--rpc-ssl", "disabled"),
        "--no-dns",
        "--non-interactive",
    ]


def _start(command: list[str], folder: str) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    try:
        return subprocess.Popen(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet)
    except OSError:
        words = f"{PROGRAM} is not installed here: a proof is checked in one of its own"
        raise RailUnavailable(words) from None


def _create(wallet: _Wallet) -> None:
    """Wait until it answers, and give it an empty wallet: without one it checks nothing."""
    ends = time.monotonic() + START_SECONDS
    given = {"filename": "check", "password": "", "language": "English"}
    while True:
        try:
            answer = wallet.ask("create_wallet", given)
        except RailUnavailable:
            if time.monotonic() > ends or not wallet.running():
                raise
            time.sleep(_PAUSE_SECONDS)
            continue
        if "error" in answer:
            raise RailUnavailable("the throw-away wallet-rpc could not make a wallet")
        return


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
