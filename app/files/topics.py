"""Topics of the outbox that files use."""

SCAN_TOPIC = "files.scan"
VERIFY_TOPIC = "files.verify"
SWEEP_TOPIC = "files.sweep"
