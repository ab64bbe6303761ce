"""People, roles and business units, for administrators."""
