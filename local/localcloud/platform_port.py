"""What the local cloud asks of whoever runs functions behind it, if anybody does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from localcloud.messages import Request, Response
from localcloud.waiting import Waiting


class Platform(Protocol):
    """The bus, the queue and the functions: everything on the port that is not the API."""

    @property
    def waiting(self) -> Waiting:
        """Work that is to outlive a restart."""

    def resume(self, waiting: Waiting) -> None:
        """Go on with such work; called once the local cloud serves."""

    async def handle(self, request: Request) -> Response:
        """Answer a request that is neither the API's nor control."""

    async def control(self, request: Request) -> Response | None:
        """Answer a request under `/_local/`, or None for one that is not the platform's."""

    def publish(self, event: Mapping[str, Any]) -> None:
        """Put an event that the world raised on the bus."""

    def expect_events(self, more: bool) -> None:
        """Told whether the world is going to raise more: then there is something to wait for."""

    async def kill_instance(self, instance_id: str) -> None:
        """End a function instance at once; one that has gone already is no error."""

    async def close(self) -> None:
        """End everything that was started."""
