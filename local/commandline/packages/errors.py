"""The one way in which a build fails: a sentence that says what is missing and what to do."""

from __future__ import annotations


class BuildError(Exception):
    """Nothing was built; the message says why."""
