"""A bare client a protocol, written from the services' public descriptions and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import requests

from deploy.sandbox.processor import COINS, Coin, ProcessorServer

PATIENCE = 10
EVM_ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
BTC_ADDRESS = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
USDT = COINS["USDT-ethereum"]
BTC = COINS["BTC-bitcoin"]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class Trade:
    """What every protocol says of an order, each in its own place."""

    id: str
    status: str
    deposit: Decimal
    receive: Decimal
    deposit_address: str | None
    destination: str
    memo: str | None
    return_address: str
    settle_txid: str | None


class Client(Protocol):
    def quote(self, receive: str, coin: Coin = USDT) -> Answer: ...
    def create(self, receive: str, coin: Coin = USDT, **changes: Any) -> Answer: ...
    def read(self, order_id: str) -> Answer: ...
    def trade(self, body: Any) -> Trade: ...


def ask(method: str, url: str, **how: Any) -> Answer:
    reply = requests.request(method, url, timeout=PATIENCE, allow_redirects=False, **how)
    return Answer(reply.status_code, json.loads(reply.text, parse_float=Decimal))


def address_of(coin: Coin) -> str:
    return BTC_ADDRESS if coin.network == "bitcoin" else EVM_ADDRESS


class ChangeNow:
    def __init__(self, server: ProcessorServer) -> None:
        self.url, self.keys = server.base_url("changenow"), {"x-changenow-api-key": server.api_key}
        self.back = server.vault.new_address()

    def pair(self, coin: Coin, receive: str) -> dict[str, str]:
        network = {"ethereum": "eth", "bitcoin": "btc"}[coin.network]
        names = {"toCurrency": coin.code.lower(), "toNetwork": network, "toAmount": receive}
        return {"fromCurrency": "xmr", "fromNetwork": "xmr", "flow": "fixed-rate", "type": "reverse", **names}

    def quote(self, receive: str, coin: Coin = USDT) -> Answer:
        query = {**self.pair(coin, receive), "useRateId": "true"}
        return ask("GET", f"{self.url}/exchange/estimated-amount", params=query, headers=self.keys)

    def create(self, receive: str, coin: Coin = USDT, **changes: Any) -> Answer:
        body = {
            **self.pair(coin, receive),
            "fromAmount": "",
            "rateId": self.quote(receive, coin).body.get("rateId"),
            "address": address_of(coin),
            "extraId": "",
            "refundAddress": self.back,
            **changes,
        }
        return ask("POST", f"{self.url}/exchange", json=body, headers=self.keys)

    def read(self, order_id: str) -> Answer:
        return ask("GET", f"{self.url}/exchange/by-id", params={"id": order_id}, headers=self.keys)

    def trade(self, body: Any) -> Trade:
        created = "expectedAmountTo" not in body
        return Trade(
            body["id"],
            "waiting" if created else body["status"],
            Decimal(body["fromAmount" if created else "expectedAmountFrom"]),
            Decimal(body["toAmount" if created else "expectedAmountTo"]),
            body["payinAddress"],
            body["payoutAddress"],
            body["payoutExtraId"] or None,
            body["refundAddress"],
            None if created else body["payoutHash"],
        )


class Trocador:
    def __init__(self, server: ProcessorServer) -> None:
        self.url, self.keys = server.base_url("trocador"), {"API-Key": server.api_key}
        self.back = server.vault.new_address()

    def pair(self, coin: Coin, receive: str) -> dict[str, str]:
        network = "ERC20" if coin.network == "ethereum" else "Mainnet"
        names = {"ticker_to": coin.code.lower(), "network_to": network, "amount_to": receive}
        return {"ticker_from": "xmr", "network_from": "Mainnet", "payment": "True", **names}

    def quote(self, receive: str, coin: Coin = USDT) -> Answer:
        return ask("GET", f"{self.url}/new_rate", params=self.pair(coin, receive), headers=self.keys)

    def create(self, receive: str, coin: Coin = USDT, **changes: Any) -> Answer:
        query = {
            **self.pair(coin, receive),
            "id": self.quote(receive, coin).body.get("trade_id"),
            "address": address_of(coin),
            "address_memo": "0",
            "refund": self.back,
            "refund_memo": "0",
            "provider": "Exolix",
            "fixed": "True",
            **changes,
        }
        return ask("GET", f"{self.url}/new_trade", params=query, headers=self.keys)

    def read(self, order_id: str) -> Answer:
        answer = ask("GET", f"{self.url}/trade", params={"id": order_id}, headers=self.keys)
        return Answer(answer.status, answer.body[0]) if answer.status == 200 else answer

    def trade(self, body: Any) -> Trade:
        return Trade(
            body["trade_id"],
            body["status"],
            Decimal(body["amount_from"]),
            Decimal(body["amount_to"]),
            body["address_provider"],
            body["address_user"],
            body["address_user_memo"] or None,
            body["refund_address"],
            body["hashout"] or None,
        )


class Exolix:
    def __init__(self, server: ProcessorServer) -> None:
        self.url, self.keys = server.base_url("exolix"), {"Authorization": server.api_key}
        self.back = server.vault.new_address()

    def pair(self, coin: Coin, receive: str) -> dict[str, str]:
        network = {"ethereum": "ETH", "bitcoin": "BTC"}[coin.network]
        names = {"coinTo": coin.code, "networkTo": network, "withdrawalAmount": receive}
        return {"coinFrom": "XMR", "networkFrom": "XMR", "rateType": "fixed", **names}

    def quote(self, receive: str, coin: Coin = USDT) -> Answer:
        return ask("GET", f"{self.url}/rate", params=self.pair(coin, receive))

    def create(self, receive: str, coin: Coin = USDT, **changes: Any) -> Answer:
        addresses = {"withdrawalAddress": address_of(coin), "refundAddress": self.back}
        body = {**self.pair(coin, receive), **addresses, **changes}
        return ask("POST", f"{self.url}/transactions", json=body, headers=self.keys)

    def read(self, order_id: str) -> Answer:
        return ask("GET", f"{self.url}/transactions/{order_id}")

    def trade(self, body: Any) -> Trade:
        return Trade(
            body["id"],
            body["status"],
            Decimal(body["amount"]),
            Decimal(body["amountTo"]),
            body["depositAddress"],
            body["withdrawalAddress"],
            body["withdrawalExtraId"],
            body["refundAddress"],
            body["hashOut"]["hash"],
        )


class StealthEx:
    def __init__(self, server: ProcessorServer) -> None:
        self.url, self.keys = server.base_url("stealthex"), {"Authorization": f"Bearer {server.api_key}"}
        self.back = server.vault.new_address()

    def pair(self, coin: Coin, receive: str) -> dict[str, Any]:
        to = {"symbol": coin.code.lower(), "network": "eth" if coin.contract else "mainnet"}
        route: Mapping[str, Any] = {"from": {"symbol": "xmr", "network": "mainnet"}, "to": to}
        return {"route": route, "estimation": "reversed", "rate": "fixed", "amount": float(receive)}

    def quote(self, receive: str, coin: Coin = USDT) -> Answer:
        return ask("POST", f"{self.url}/rates/estimated-amount", json=self.pair(coin, receive), headers=self.keys)

    def create(self, receive: str, coin: Coin = USDT, **changes: Any) -> Answer:
        rate = self.quote(receive, coin).body.get("rate") or {}
        addresses = {"rate_id": rate.get("id"), "address": address_of(coin), "refund_address": self.back}
        return ask(
            "POST",
            f"{self.url}/exchanges",
            json={**self.pair(coin, receive), **addresses, **changes},
            headers=self.keys,
        )

    def read(self, order_id: str) -> Answer:
        return ask("GET", f"{self.url}/exchanges/{order_id}", headers=self.keys)

    def trade(self, body: Any) -> Trade:
        deposit, withdrawal = body["deposit"], body["withdrawal"]
        return Trade(
            body["id"],
            body["status"],
            Decimal(deposit["expected_amount"]),
            Decimal(withdrawal["expected_amount"]),
            deposit["address"],
            withdrawal["address"],
            withdrawal["extra_id"],
            body["refund_address"],
            withdrawal["tx_hash"],
        )


CLIENTS: dict[str, type[ChangeNow | Trocador | Exolix | StealthEx]] = {
    "changenow": ChangeNow,
    "trocador": Trocador,
    "exolix": Exolix,
    "stealthex": StealthEx,
}
