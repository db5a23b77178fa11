"""The audit trail: every event in one keyed chain, and checkpoints of it that lie elsewhere."""
