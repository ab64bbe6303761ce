"""How the portal works: HTTP, people, database, audit, outbox, files, mail, PDF. Knows no vendor."""
