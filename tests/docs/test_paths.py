"""Every file and folder that a page for developers names is there, so that nobody is sent to where it was once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
PATH = re.compile(r"`((?:payout|adapters|config|deploy|tests|docs)/[\w./*-]*)`")


@pytest.mark.parametrize(
    "page", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", "docs/README.md", "docs/attacks.md"]
)
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    named = set(PATH.findall((HOUSE / page).read_text()))
    gone = [path for path in sorted(named) if "NAME" not in path and not any(HOUSE.glob(path.rstrip("/")))]
    assert gone == []
