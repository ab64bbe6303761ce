"""The audit trail's page and its nightly verification."""
