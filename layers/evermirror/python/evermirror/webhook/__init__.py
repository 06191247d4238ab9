"""Requests from outside, because other systems know of an interface before its event arrives."""
