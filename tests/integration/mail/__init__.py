"""Tests: integration/mail."""
