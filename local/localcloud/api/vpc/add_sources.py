"""AddSourcesToTrafficMirrorSession: what is asked for is checked, then the session is busy with it.

The errors are those of the operation's page (VPC API 2016-04-28).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.api.context import Context
from localcloud.api.parameters import IdempotentParameters, Identifier, UpTo30
from localcloud.api.vpc import acceptance, sources
from localcloud.refusals import refused
from localcloud.world.objects import Change, Session
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
    session = sources.existing_session(world, asked.traffic_mirror_session_id)
    taken = acceptance.taken(world.behaviour, wanted, _checks(world, session))
    if asked.dry_run:
        raise refused("DryRunOperation")
    change = Change(world.draw_settle_s(), taken, fails=context.fails_in_background)
    world.sessions.begin(session, change, context.now)
    return {}


def _checks(world: World, session: Session) -> acceptance.Checks:
    def check_sources(source_ids: Sequence[str]) -> None:
        interfaces = sources.existing(world, source_ids)
        sources.check_attached(world, interfaces)
        sources.check_supported(world, interfaces, session.target_type)
        sources.check_role(world, interfaces)

    return {
        "status": lambda _: sources.check_stable(world, session),
        "sources": check_sources,
        "associated": lambda source_ids: sources.check_not_associated(session, source_ids),
        "quotas": lambda source_ids: sources.check_quotas(world, session, source_ids),
    }
