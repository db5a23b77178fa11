"""Trocador keeps the contract of processors."""

from __future__ import annotations

from typing import Any, ClassVar

from adapters.clock import SystemClock
from adapters.processors.base import Access
from adapters.processors.trocador import Trocador
from deploy.sandbox.processor.server import ProcessorServer
from tests.adapters.processors.mutations.contract import MutationContract
from tests.contracts.processor import ProcessorContract


def made(server: ProcessorServer, access: Access, contracts: Any) -> Trocador:
    return Trocador(
        access, contracts, SystemClock(), webhook_url="https://merchant.example/hook", webhook_secret="secret"
    )


class TestTrocador(ProcessorContract):
    name = "trocador"
    make = staticmethod(made)
    names_bounds = False
    names_contracts_in_lists = False
    names_returns = False


class TestTrocadorMutated(MutationContract):
    name = "trocador"
    make = staticmethod(made)
    names: ClassVar = {
        "id": frozenset({"trade_id"}),
        "deposit": frozenset({"amount_from"}),
        "receive": frozenset({"amount_to"}),
        "deposit_address": frozenset({"address_provider"}),
        "deposit_memo": frozenset({"address_provider_memo"}),
        "destination": frozenset({"address_user"}),
        "memo": frozenset({"address_user_memo"}),
        "return_address": frozenset({"refund_address"}),
        "ticker": frozenset({"ticker_to", "ticker"}),
        "network": frozenset({"network_to", "network"}),
        "fixed": frozenset({"fixed"}),
        "expires": frozenset({"expiresAt"}),
        "status": frozenset({"status"}),
    }
