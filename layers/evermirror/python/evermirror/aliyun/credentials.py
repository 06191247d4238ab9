"""One value for a set of access keys, so that no log line or traceback can ever spell them out."""

from __future__ import annotations

from evermirror.values import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """An access key, temporary where it carries a security token.

    A function's role hands out new ones from time to time: ask for them at every request and
    keep none.
    """

    access_key_id: str
    access_key_secret: str
    security_token: str | None = None

    def __repr__(self) -> str:
        kind = "temporary" if self.security_token else "permanent"
        return f"<{kind} credentials {self.access_key_id[:4]}...>"
