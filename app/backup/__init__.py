"""Backups: one file, one format for both databases, taken while people work."""
