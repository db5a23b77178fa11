"""StealthEX keeps the contract of processors."""

from __future__ import annotations

from typing import Any

from adapters.clock import SystemClock
from adapters.processors.base import Access
from adapters.processors.stealthex import StealthEx
from deploy.sandbox.processor.server import ProcessorServer
from tests.contracts.processor import ProcessorContract


def made(server: ProcessorServer, access: Access, contracts: Any) -> StealthEx:
    return StealthEx(access, contracts, SystemClock())


class TestStealthEx(ProcessorContract):
    name = "stealthex"
    make = staticmethod(made)
    names_returns = False
