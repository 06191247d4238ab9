"""Calls that say by name who makes them, unsigned: signatures are other tests' subject.

A storm makes hundreds of calls, and signing and checking each cost as much as all the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from localcloud.api.gateway import Gateway
from localcloud.api.signature import FindKey
from localcloud.api.table import ALL, ECS
from localcloud.credentials import Key
from localcloud.messages import Request
from localcloud.refusals import refused

CALLER = "x-simulated-key"
VERSIONS = {one.name: one.version for one in reversed(ALL)}
"""Of an action that two products have it is the first one's, that of VPC."""


class Unsigned:
    """Believes what a request says of its caller; satisfies the gateway's Verifier."""

    def recognises(self, request: Request) -> bool:
        return CALLER in request.headers

    def verify(self, request: Request, find: FindKey, _wall: float) -> Key:
        key = find(request.headers[CALLER])
        if key is None:
            raise refused("InvalidAccessKeyId.NotFound")
        return key


def believe(gateway: Gateway) -> None:
    """Let this gateway take unsigned calls."""
    gateway._verifiers = (Unsigned(),)


def call(action: str, parameters: Mapping[str, str], key: Key) -> Request:
    """What arrives at the gateway; `parameters` are as they travel. `ecs:` names a product."""
    product, _, action = action.rpartition(":")
    headers = {
        "host": "127.0.0.1",
        "x-acs-action": action,
        "x-acs-version": ECS[1] if product else VERSIONS[action],
        CALLER: key.access_key_id,
    }
    return Request("POST", "/", tuple(parameters.items()), headers)
