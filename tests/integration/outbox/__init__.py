"""Tests: integration/outbox."""
