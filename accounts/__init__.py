"""People, organisations, roles, keys, unlocking and sign-in."""
