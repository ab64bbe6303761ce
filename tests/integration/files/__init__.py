"""Tests: integration/files."""
