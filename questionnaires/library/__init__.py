"""Questionnaires and their versions: those that people make, and those that are shipped."""
