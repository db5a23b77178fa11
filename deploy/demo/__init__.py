"""
The demo: a queue of refunds in four coins paid on real nodes, with the daemon killed in the middle and processors
that go wrong.

It uses the product only as a person would, through the command `payout`, and judges it only by what the recipients'
own wallets and chains received.
"""
