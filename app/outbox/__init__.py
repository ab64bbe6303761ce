"""Messages and jobs in the database: publish, claim, run, schedule."""
