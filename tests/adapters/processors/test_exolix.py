"""Exolix keeps the contract of processors."""

from __future__ import annotations

from typing import Any, ClassVar

from adapters.clock import SystemClock
from adapters.processors.base import Access
from adapters.processors.exolix import Exolix
from deploy.sandbox.processor.server import ProcessorServer
from tests.adapters.processors.mutations.contract import MutationContract
from tests.contracts.processor import ProcessorContract


def made(server: ProcessorServer, access: Access, contracts: Any) -> Exolix:
    return Exolix(access, contracts, SystemClock())


class TestExolix(ProcessorContract):
    name = "exolix"
    make = staticmethod(made)
    names_contracts_in_orders = True


class TestExolixMutated(MutationContract):
    name = "exolix"
    make = staticmethod(made)
    names: ClassVar = {
        "id": frozenset({"id"}),
        "deposit": frozenset({"amount", "fromAmount"}),
        "receive": frozenset({"amountTo", "toAmount"}),
        "deposit_address": frozenset({"depositAddress"}),
        "deposit_memo": frozenset({"depositExtraId"}),
        "destination": frozenset({"withdrawalAddress"}),
        "memo": frozenset({"withdrawalExtraId"}),
        "return_address": frozenset({"refundAddress"}),
        "ticker": frozenset({"coinCode", "code"}),
        "network": frozenset({"network"}),
        "contract": frozenset({"contract"}),
        "fixed": frozenset({"rateType"}),
        "expires": frozenset({"createdAt"}),
        "status": frozenset({"status"}),
    }
