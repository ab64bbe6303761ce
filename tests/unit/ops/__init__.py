"""Running the portal: backup, health, command line."""
