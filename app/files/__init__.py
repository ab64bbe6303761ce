"""Stored files: screening, storage, download."""
