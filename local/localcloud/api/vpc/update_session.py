"""UpdateTrafficMirrorSessionAttribute: how a session is started, stopped, or sent elsewhere.

VPC API 2016-04-28. Only what is named is changed, once the session is stable again. A priority
that is taken is DuplicatedParam.Priority here, where Create says IllegalParam.Priority.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from localcloud.api.context import Context
from localcloud.api.parameters import Boolean, IdempotentParameters, Identifier
from localcloud.api.vpc import attributes, sources, targets
from localcloud.refusals import refused
from localcloud.world.objects import Change, Session, SessionUpdate
from localcloud.world.records import update_record
from localcloud.world.world import World


class UpdateSession(IdempotentParameters):
    """Parameters of UpdateTrafficMirrorSessionAttribute."""

    traffic_mirror_session_id: Identifier
    traffic_mirror_session_name: attributes.Name | None = None
    traffic_mirror_session_description: attributes.Description | None = None
    traffic_mirror_target_id: Identifier | None = None
    traffic_mirror_target_type: attributes.TargetType | None = None
    traffic_mirror_filter_id: Identifier | None = None
    virtual_network_id: attributes.VirtualNetworkId | None = None
    priority: attributes.Priority | None = None
    packet_length: attributes.PacketLength | None = None
    enabled: Boolean | None = None


def update_session(world: World, asked: UpdateSession, context: Context) -> Mapping[str, Any]:
    """Accept the update; the session is busy with it from now on."""
    sources.check_service(world)
    session = sources.existing_session(world, asked.traffic_mirror_session_id)
    sources.check_stable(world, session)
    update = _update_of(asked)
    becoming = copy.copy(session)
    update_record(becoming, update)
    if world.sessions.held.holder_of(becoming.priority) not in {None, session.id}:
        raise refused("DuplicatedParam.Priority", str(becoming.priority))
    if update.filter is not None:
        attributes.check_filter(world, becoming)
    if update.target is not None or update.target_type is not None:
        _check_target(world, session, becoming)
    if asked.dry_run:
        raise refused("DryRunOperation")
    change = Change(world.draw_settle_s(), fails=context.fails_in_background, update=update)
    world.sessions.begin(session, change, context.now)
    return {}


def _check_target(world: World, session: Session, becoming: Session) -> None:
    targets.check_target(world, becoming, gone_instance="ResourceNotFound.EcsInstance")
    for source in session.sources:
        # Only a fleet file can have put a source into more sessions than the quota allows.
        if len(world.sessions.held.by_source[source]) > world.limits.sessions_per_source:
            raise refused("QuotaExceeded.NetworkInterfaceRelatedSession", source)
    if becoming.target != session.target:
        targets.check_room(world, becoming, len(session.sources))


def _update_of(asked: UpdateSession) -> SessionUpdate:
    return SessionUpdate(
        name=asked.traffic_mirror_session_name,
        description=asked.traffic_mirror_session_description,
        filter=asked.traffic_mirror_filter_id,
        target=asked.traffic_mirror_target_id,
        target_type=asked.traffic_mirror_target_type,
        priority=asked.priority,
        enabled=asked.enabled,
        virtual_network_id=asked.virtual_network_id,
        packet_length=asked.packet_length,
    )
