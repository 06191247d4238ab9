"""OpenTrafficMirrorService and GetTrafficMirrorServiceStatus (VPC API 2016-04-28).

That a service already open is refused as ORDER.OPEND is not published; official tooling expects
it. What stands in the way of opening is `service.cannot_open` of the fleet file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.api.context import Context
from localcloud.api.parameters import Parameters, Text, TokenParameters
from localcloud.refusals import refused
from localcloud.world.world import World


class OpenService(TokenParameters):
    """Parameters of OpenTrafficMirrorService; the region may be left out."""

    region_id: Text = ""


class GetServiceStatus(Parameters):
    """Parameters of GetTrafficMirrorServiceStatus; reading is the same whatever the token says."""

    region_id: Text = ""
    client_token: Text | None = None


def open_service(world: World, _asked: OpenService, _context: Context) -> Mapping[str, Any]:
    """Open the service for the account in this region, at once."""
    if world.service.enabled:
        raise refused("ORDER.OPEND")
    if world.service.cannot_open is not None:
        # Every error of this operation is published with 400, Forbidden.RAM among them.
        raise refused(world.service.cannot_open, "opening the service", status=400)
    world.service = world.service.model_copy(update={"enabled": True})
    return {"Code": "200", "Message": "OK"}


def get_service_status(
    world: World, _asked: GetServiceStatus, _context: Context
) -> Mapping[str, Any]:
    """Whether the service is open."""
    return {"Enabled": world.service.enabled}
