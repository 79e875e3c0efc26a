class BackupRefused(Exception):
    """A backup or restore that cannot take place; the words are for the administrator."""
