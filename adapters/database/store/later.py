"""Modules of queries that are imported when they are first used: a listing in a terminal needs few of them."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module of this package."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(import_module(f"{__package__}.{self._name}"), attribute)
        setattr(self, attribute, value)
        return value
