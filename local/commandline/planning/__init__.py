"""What a policy would mean for a live fleet, found out before anything relies on it."""
