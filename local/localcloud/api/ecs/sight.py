"""What a Describe of ECS sees: the present, or what was a while ago.

That these calls may answer late is not documented: `behaviour.stale_describe_s`, the fault
`stale_s`.
"""

from __future__ import annotations

from dataclasses import dataclass

from localcloud.api.context import Context
from localcloud.world.instances import Instances
from localcloud.world.interfaces import NetworkInterfaces
from localcloud.world.moments import after
from localcloud.world.past import PastInstances, PastInterfaces
from localcloud.world.world import World


@dataclass(frozen=True, slots=True)
class Sight:
    """Instances and interfaces as somebody sees them who asks."""

    instances: Instances | PastInstances
    interfaces: NetworkInterfaces | PastInterfaces


def sight_of(world: World, context: Context) -> Sight:
    """What is seen in a call."""
    stale_s = max(context.stale_s, world.behaviour.stale_describe_s)
    if not stale_s:
        return Sight(world.instances, world.network_interfaces)
    at = after(context.now, -stale_s)
    instances = PastInstances(world.instances, at)
    return Sight(instances, PastInterfaces(world.network_interfaces, at))
