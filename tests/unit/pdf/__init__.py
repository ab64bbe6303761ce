"""Tests: unit/pdf."""
