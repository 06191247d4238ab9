"""AddSourcesToTrafficMirrorSession: all checks in one order, then all sources or none.

The errors are those of the operation's page (VPC API 2016-04-28); their order among each other
is not documented and is the order in which the checks stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.api.context import Context
from localcloud.api.parameters import IdempotentParameters, Identifier, UpTo30
from localcloud.api.vpc import sources
from localcloud.refusals import refused
from localcloud.world.objects import Change
from localcloud.world.world import World


class AddSources(IdempotentParameters):
    """Parameters of AddSourcesToTrafficMirrorSession."""

    traffic_mirror_session_id: Identifier
    traffic_mirror_source_ids: UpTo30


def add_sources(world: World, asked: AddSources, context: Context) -> Mapping[str, Any]:
    """Accept the sources; the session is busy adding them from now on."""
    wanted = asked.traffic_mirror_source_ids
    sources.check_service(world)
    sources.check_distinct(wanted)
    sources.check_count(world, wanted, world.limits.sources_per_call)
    session = sources.stable_session(world, asked.traffic_mirror_session_id)
    interfaces = sources.existing(world, wanted)
    sources.check_attached(world, interfaces)
    sources.check_supported(world, interfaces, session.target_type)
    sources.check_role(world, interfaces)
    sources.check_not_associated(session, interfaces)
    sources.check_quotas(world, session, interfaces)
    if asked.dry_run:
        raise refused("DryRunOperation")
    change = Change(world.draw_settle_s(), wanted, fails=context.fails_in_background)
    world.sessions.begin(session, change, context.now)
    return {}
