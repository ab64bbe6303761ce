"""How fast the portal is, in units of the plainest page that does the same kind of work."""
