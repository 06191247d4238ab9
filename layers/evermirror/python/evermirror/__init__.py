"""Evermirror keeps every network interface that should be mirrored, mirrored."""
