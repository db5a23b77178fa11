"""The outside world: coins, rates, databases and everything else that answers late or not at all."""
