"""
Swaps: refunds in other coins, through processors.

Making orders (broker, wish, making, keeping, market, offer, echo), funding them (funding, deposit, vetting, readings),
and following them to their end (follower, lookout, hearing, evidence, settlement, trouble, aftermath).
"""
