"""The Mail page: what the portal sent, what it could not send, and what to do about it."""
