"""Everything that speaks to the cloud's own APIs, and nothing else does."""
