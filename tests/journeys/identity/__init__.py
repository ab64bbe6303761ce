"""Tests of people and access."""
