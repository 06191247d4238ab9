"""How EventBridge invokes a function: by the door that everybody takes, with its own role."""

from __future__ import annotations

from localcloud.functioncompute.call import Call
from localcloud.functioncompute.callers import INVOKE
from localcloud.functioncompute.endpoints import Endpoints
from localcloud.functioncompute.permissions import Permissions
from localcloud.functioncompute.resources import Role
from localcloud.messages import Reset


class Pusher:
    """Pushes events to functions."""

    def __init__(self, endpoints: Endpoints, permissions: Permissions) -> None:
        self._endpoints = endpoints
        self._permissions = permissions

    async def push(self, call: Call, role: Role | None) -> bool:
        """Whether the function took it. Without a role the service's own is used, which may."""
        name = self._permissions.name("fc", call.relative_id)
        if role is not None and not self._permissions.role_allows(role, INVOKE, name):
            return False
        try:
            response = await self._endpoints.call(call)
        except Reset:
            return False
        return response.status in {200, 202} and "X-Fc-Error-Type" not in response.headers
