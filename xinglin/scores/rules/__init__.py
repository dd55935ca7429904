"""Arithmetic of the scores on plain arrays; no database, no clock."""
