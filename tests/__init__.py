"""Tests, one folder per tier: see docs/architecture.md."""
