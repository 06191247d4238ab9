"""The use case of `notify`: outcomes and coverage are taken to where people and systems look."""
