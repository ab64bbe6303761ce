"""Tests: unit/questionnaires."""
