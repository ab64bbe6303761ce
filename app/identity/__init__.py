"""Staff accounts, sessions, sign-on."""
