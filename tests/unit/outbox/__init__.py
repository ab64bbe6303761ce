"""Tests: unit/outbox."""
