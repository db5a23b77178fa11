from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.console.counter import Counter


@pytest.fixture
def counter() -> Iterator[Counter]:
    made = Counter()
    yield made
    made.close()
