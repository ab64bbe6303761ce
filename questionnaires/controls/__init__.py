"""Frameworks, their controls, and which of them speak to each other."""
