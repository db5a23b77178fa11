"""
The inputs of transfers as the spend journal has them: what a conclusion that frees money is drawn from.

Rows can be edited by whoever can write to the database. That a transfer can never land is concluded from its inputs,
so its row must name those that were journaled before it left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payout.errors import WalletUnsafe
from payout.spend_journal import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from payout.transfer import Transfer
    from payout.wallet import Wallet


def check_inputs(wallet: Wallet, transfers: Iterable[Transfer]) -> None:
    """
    Each row has a line, and names the inputs that its line does. Reads the whole journal: for rare occasions.

    Raises:
        WalletUnsafe: somebody changed or planted a row; nothing may be concluded from it.
        JournalBroken: the journal cannot be read.
    """
    rows = {transfer.id: transfer for transfer in transfers}
    for line in wallet.journal.lines():
        row = rows.pop(line.txid, None) if line.entry is Entry.COMMIT else None
        if row is not None and list(row.key_images) != line.body["key_images"]:
            raise WalletUnsafe(
                f"transfer {row.id} was journaled with other inputs than the database has: somebody changed the row",
                "do not resume before you know who; its refunds may still be paid by it",
            )
    if rows:
        raise WalletUnsafe(
            f"the spend journal does not know transfer {min(rows)}, by which another could never land: somebody "
            "planted its row",
            "do not resume before you know who; the refunds of the other may still be paid by it",
        )
