"""Who may call: the keys that the local cloud accepts, and which function instance holds one.

Every function instance gets a temporary key of its own, as on the platform, so that a call can
be traced back to the instance that made it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from localcloud.ram import Policy

ACCESS_KEY_ID = "local-access-key-id"
ACCESS_KEY_SECRET = "local-access-key-secret"  # noqa: S105 - the published key of the local cloud
SECURITY_TOKEN = "local-security-token"  # noqa: S105 - the published token of the local cloud


@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds a key; without a function it is somebody outside the platform."""

    function: str | None = None
    instance_id: str | None = None


OUTSIDE = Caller()


@dataclass(frozen=True, slots=True)
class Key:
    """An access key. A temporary key is only valid together with its security token.

    `policy` is all that its holder may do; None may do everything, as an account's own key may.
    `principal` names the holder; without one it is the account itself.
    """

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    token_required: bool = False
    caller: Caller = OUTSIDE
    policy: Policy | None = None
    principal: str = ""


NOBODY = Key("", "")
FIXED_KEY = Key(ACCESS_KEY_ID, ACCESS_KEY_SECRET, SECURITY_TOKEN)


class Keyring:
    """All keys that are valid now: the fixed one, those of the fleet file, those issued."""

    def __init__(
        self, keys: Iterable[Key] = (), draw: Callable[[], str] = lambda: secrets.token_hex(16)
    ) -> None:
        self._draw = draw
        self._issued: dict[str, Key] = {}
        self._listed: dict[str, Key] = {}
        self.replace_listed(keys)

    def replace_listed(self, keys: Iterable[Key]) -> None:
        """Accept the keys of another fleet file; issued keys stay."""
        self._listed = {FIXED_KEY.access_key_id: FIXED_KEY}
        self._listed.update((key.access_key_id, key) for key in keys)

    def issue(self, caller: Caller, policy: Policy | None = None, principal: str = "") -> Key:
        """A fresh temporary key for this caller, as somebody who assumes a role gets one.

        `policy` is what the role may do (None: everything), `principal` the role's name.
        """
        key = Key(
            access_key_id=f"STS.local-{self._draw()}",
            access_key_secret=self._draw(),
            security_token=self._draw(),
            token_required=True,
            caller=caller,
            policy=policy,
            principal=principal,
        )
        self._issued[key.access_key_id] = key
        return key

    def revoke(self, access_key_id: str) -> None:
        """Forget an issued key; an unknown one is no error, for it is gone already."""
        self._issued.pop(access_key_id, None)

    def find(self, access_key_id: str) -> Key | None:
        return self._issued.get(access_key_id) or self._listed.get(access_key_id)
