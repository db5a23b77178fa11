"""What the merchant's own system is told: messages in an outbox, delivered until they are taken."""
