"""What a dossier holds: the one definition of tables, fields, limits and secrecy."""
