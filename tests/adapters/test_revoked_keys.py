from __future__ import annotations

from pathlib import Path

import pytest

from adapters.revoked_keys import NAME, RevokedKeys
from payout.errors import StoreUnavailable


def test_what_one_process_revokes_another_one_knows_at_once(tmp_path: Path) -> None:
    console, line = RevokedKeys(tmp_path), RevokedKeys(tmp_path)
    assert "0123456789ab" not in console

    line.add("0123456789ab")
    assert "0123456789ab" in console
    line.add("ba9876543210")

    assert "ba9876543210" in console
    assert "0123456789ab" in console
    assert "" not in console
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_read_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()

    with pytest.raises(StoreUnavailable, match="cannot be read"):
        assert "0123456789ab" in RevokedKeys(tmp_path)
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        RevokedKeys(tmp_path).add("0123456789ab")
