"""Webhooks out: one POST to an address that somebody else has chosen."""

from __future__ import annotations

from adapters.webhooks.sender import WebhookSender

__all__ = ["WebhookSender"]
