"""ChangeNOW keeps the contract of processors."""

from __future__ import annotations

from typing import Any, ClassVar

from adapters.clock import SystemClock
from adapters.processors.base import Access
from adapters.processors.changenow import ChangeNow
from deploy.sandbox.processor.server import ProcessorServer
from tests.adapters.processors.mutations.contract import MutationContract
from tests.contracts.processor import ProcessorContract


def made(server: ProcessorServer, access: Access, contracts: Any) -> ChangeNow:
    return ChangeNow(access, contracts, SystemClock(), private_key=server.private_key)


class TestChangeNow(ProcessorContract):
    name = "changenow"
    make = staticmethod(made)


class TestChangeNowMutated(MutationContract):
    name = "changenow"
    make = staticmethod(made)
    names: ClassVar = {
        "id": frozenset({"id", "requestId", "rateId"}),
        "deposit": frozenset({"fromAmount", "expectedAmountFrom"}),
        "receive": frozenset({"toAmount", "expectedAmountTo", "expectedAmount"}),
        "deposit_address": frozenset({"payinAddress"}),
        "deposit_memo": frozenset({"payinExtraId"}),
        "destination": frozenset({"payoutAddress", "address"}),
        "memo": frozenset({"payoutExtraId"}),
        "return_address": frozenset({"refundAddress"}),
        "ticker": frozenset({"toCurrency", "ticker"}),
        "network": frozenset({"toNetwork", "network"}),
        "contract": frozenset({"tokenContract"}),
        "fixed": frozenset({"flow", "type", "supportsFixedRate"}),
        "expires": frozenset({"validUntil"}),
        "status": frozenset({"status"}),
    }
