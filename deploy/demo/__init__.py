"""
The demo: a queue of refunds paid on a real Monero node, with the daemon killed in the middle.

It uses the product only as a person would, through the command `payout`, and judges it only by what the recipients'
own wallet received.
"""
