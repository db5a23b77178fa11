"""Coins: rails whose keys we hold. Each subfolder is one; none knows another."""
