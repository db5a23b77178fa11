"""The business of paying refunds: what is owed, when it may be paid, and how we know that it was."""

__version__ = "0.1.0"
