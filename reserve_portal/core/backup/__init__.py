"""Backup and restore: one archive with the database and every file that its rows name (quality.md, Reliability)."""
