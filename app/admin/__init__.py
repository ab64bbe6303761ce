"""Administration pages: people, audit trail, mail, jobs."""
