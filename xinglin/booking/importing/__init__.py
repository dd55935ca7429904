"""Appointment lists and bills from other systems, written set by set."""
