"""Jobs in the background: what runs, what is parked."""
