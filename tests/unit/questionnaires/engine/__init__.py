"""Unit tests of the questionnaire engine."""
