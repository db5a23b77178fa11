"""Payouts in coins and tokens on a real Ethereum node: anvil, from its first account.

`install_tokens` puts the sandbox's token where the main network has USDT and USDC, so that the worker's
own table of assets holds here as it is.
"""

from __future__ import annotations

from deploy.sandbox.anvil import Anvil
from deploy.sandbox.processor.coin import COINS, Coin

NETWORK = "ethereum"
SUPPLY = 10**15
ADDRESS_LENGTH = 42


def install_tokens(anvil: Anvil) -> None:
    """Have every token of this network at its pinned contract, in the first account's hands."""
    for coin in COINS.values():
        if coin.network == NETWORK and coin.contract is not None:
            if anvil.rpc("eth_getCode", coin.contract, "latest") == "0x":
                model = anvil.deploy_token(decimals=coin.decimals, supply=1)
                anvil.rpc("anvil_setCode", coin.contract, anvil.rpc("eth_getCode", model, "latest"))
            anvil.rpc("anvil_dealERC20", anvil.accounts[0], coin.contract, hex(SUPPLY))


class EthereumTill:
    """Plain transfers; a payout that failed in its block is never deep."""

    def __init__(self, anvil: Anvil) -> None:
        # Loaded now, which takes seconds: a client's first order must not wait for it.
        from web3 import Web3

        self.anvil = anvil
        self._web3 = Web3

    def valid(self, coin: Coin, address: str) -> bool:  # noqa: ARG002  (all assets share the addresses)
        if len(address) != ADDRESS_LENGTH or not self._web3.is_address(address):
            return False
        digits = address[2:]
        return digits in {digits.lower(), digits.upper()} or self._web3.is_checksum_address(address)

    def pay(self, coin: Coin, address: str, memo: str | None, units: int) -> str:  # noqa: ARG002  (nothing carries it)
        return self.anvil.pay(address, units, token=coin.contract)

    def depth(self, txid: str) -> int:
        receipt = self.anvil.rpc("eth_getTransactionReceipt", txid)
        if receipt is None or receipt["status"] != "0x1":
            return 0
        return self.anvil.height() - int(receipt["blockNumber"], 16) + 1
