"""Tests: unit/files."""
