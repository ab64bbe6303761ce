"""Unit tests of frameworks, controls and crosswalk."""
