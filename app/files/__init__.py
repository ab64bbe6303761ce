"""Stored files: screening, storage on a local folder or S3, scanning, downloads."""
