"""Tests: unit/mail."""
