"""Who may do what: permissions, roles, actor. Pure."""
