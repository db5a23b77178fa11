"""
Swap processors: one file each, all with the whole port of `payout/ports/processor.py`. What they share is in `base`.

A client says what its processor said and judges no price. It never sends a create twice, and never takes an answer
that its protocol does not have.
"""
