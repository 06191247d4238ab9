"""Healing: what somebody took out of a session, or switched off, is put back where it is wanted."""
