"""How the portal works: HTTP, people, database, outbox, files, mail, PDF. Knows no vendor."""
