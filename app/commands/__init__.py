"""The commands of operators: one file per command or group."""
