"""The real nodes that the processor works on: its own Monero wallet, anvil and bcoin.

They lie in the folder of a running network, beside its chain. What is here is worth nothing, ever.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

from deploy.sandbox.anvil import Anvil
from deploy.sandbox.bcoin import GENESIS, Bcoin
from deploy.sandbox.network import WALLET_PASSWORD, XMR, Network, login_of, together
from deploy.sandbox.process import write_secret
from deploy.sandbox.processor import bitcoin, ethereum
from deploy.sandbox.processor.backend import Till
from deploy.sandbox.processor.engine import Engine
from deploy.sandbox.processor.monero import MoneroVault
from deploy.sandbox.processor.protocol import PRIVATE_KEY, PUBLIC_KEY
from deploy.sandbox.processor.server import FRONT_ENDS
from deploy.sandbox.wallet import WalletRpc

CHAIN_ID = 1
"""The main network's, as its token contracts are."""
UNPAID = ("LTC-litecoin", "DOGE-dogecoin", "SOL-solana", "TRX-tron", "USDT-tron", "USDC-solana")
"""What the worker's table of assets has on networks without a node here."""
FLOAT = 2 * XMR
FLOAT_OUTPUTS = 4
"""What the processor holds of its own, to pay fees of returns."""

CONFIGURATION = """
[processors.{name}]
url = {url}
api_key_file = {key}
"""
CHAINS = """
[swaps]
wallet = "hot"

[swaps.routes]
{unpaid}
[chains.ethereum]
kind = "evm"
url = {ethereum}
identity = "{chain_id}"
behind_minutes = 0

[chains.bitcoin]
kind = "bitcoind"
url = {bitcoin}
login_file = {bitcoin_login}
realm = "regtest"
identity = "{genesis}"
confirmations = 2
behind_minutes = 0
"""


class SwapNodes:
    """Processes beside a network's. Use it as a context manager, or call `stop`."""

    def __init__(self, network: Network, *, block_seconds: int = 0) -> None:
        """The nodes in this network's folder, running or not; see `start`."""
        self.network = network
        root = network.root
        self.wallet = WalletRpc(
            root,
            network.daemon.url,
            filename="processor",
            password=WALLET_PASSWORD,
            login=login_of(root / "processor.login"),
        )
        self.anvil = Anvil(root, chain_id=CHAIN_ID, block_seconds=block_seconds)
        self.bcoin = Bcoin(root)

    @classmethod
    def start(cls, network: Network, *, block_seconds: int = 0) -> SwapNodes:
        """Boot them, with tokens and a float; `block_seconds` 0 makes an Ethereum block a transaction."""
        nodes = cls(network, block_seconds=block_seconds)
        try:
            together(nodes._start_wallet, nodes._start_anvil, nodes.bcoin.start)
            network.fund(FLOAT, FLOAT_OUTPUTS, address=nodes.wallet.address())
        except BaseException:
            nodes.stop()
            raise
        return nodes

    def stop(self) -> None:
        for server in (self.wallet, self.anvil, self.bcoin):
            server.stop()

    def running(self) -> bool:
        return any(server.alive() for server in (self.wallet, self.anvil, self.bcoin))

    def engine(self) -> Engine:
        """A processor without orders on these nodes."""
        tills: dict[str, Till] = {
            ethereum.NETWORK: ethereum.EthereumTill(self.anvil),
            bitcoin.NETWORK: bitcoin.BitcoinTill(self.bcoin),
        }
        return Engine(MoneroVault(self.wallet), tills)

    def mine(self, n: int = 1) -> None:
        """Mine n blocks on the customers' chains; the Monero chain is the network's."""
        self.anvil.mine(n)
        self.bcoin.mine(n)

    def configuration(self, processor_url: str) -> str:
        """The worker's configuration for swaps here, to stand behind the network's own."""
        root = self.network.root
        key, private, login = root / "processor.key", root / "processor.private.key", root / "bcoin.login"
        for file, text in ((key, PUBLIC_KEY), (private, PRIVATE_KEY), (login, self.bcoin.login)):
            write_secret(file, text)
        text = ""
        for front in FRONT_ENDS:
            text += CONFIGURATION.format(
                name=front.name, url=json.dumps(processor_url + front.prefix), key=_quoted(key)
            )
            if front.name == "changenow":
                text += f"private_key_file = {_quoted(private)}\n"
        return text + CHAINS.format(
            unpaid="".join(f'{key} = "none"\n' for key in UNPAID),
            ethereum=json.dumps(self.anvil.url),
            chain_id=CHAIN_ID,
            bitcoin=json.dumps(self.bcoin.url),
            bitcoin_login=_quoted(login),
            genesis=GENESIS,
        )

    def _start_wallet(self) -> None:
        self.wallet.start()
        if (self.wallet.folder / "processor.keys").exists():
            self.wallet.open()
        else:
            self.wallet.create()
        self.wallet.refresh()

    def _start_anvil(self) -> None:
        self.anvil.start()
        ethereum.install_tokens(self.anvil)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _quoted(file: Path) -> str:
    return json.dumps(str(file), ensure_ascii=False)
