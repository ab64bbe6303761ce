"""Mails: composed from templates, delivered through the outbox."""
