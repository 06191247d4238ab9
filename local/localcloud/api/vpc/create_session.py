"""CreateTrafficMirrorSession: a session with its first sources.

The errors are those of the operation (VPC API 2016-04-28); their order among each other is not
documented: what concerns the session alone is looked at first, in the order that stands here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from localcloud.api.context import Context
from localcloud.api.parameters import Boolean, IdempotentParameters, Identifier, UpTo30
from localcloud.api.vpc import acceptance, attributes, sources, targets
from localcloud.refusals import refused
from localcloud.world.objects import Change, NetworkInterface, Session, TagTurn
from localcloud.world.settings import Behaviour
from localcloud.world.world import World


class CreateSession(IdempotentParameters):
    """Parameters of CreateTrafficMirrorSession."""

    traffic_mirror_source_ids: UpTo30
    traffic_mirror_target_id: Identifier
    traffic_mirror_target_type: attributes.TargetType
    traffic_mirror_filter_id: Identifier
    priority: attributes.Priority
    traffic_mirror_session_name: attributes.Name | None = None
    traffic_mirror_session_description: attributes.Description | None = None
    virtual_network_id: attributes.VirtualNetworkId | None = None
    packet_length: attributes.PacketLength = 1500
    enabled: Boolean | None = None
    resource_group_id: Identifier | None = None
    tag: attributes.NewTags = ()


def create_session(world: World, asked: CreateSession, context: Context) -> Mapping[str, Any]:
    """Accept the session; it is Creating from now on."""
    wanted = asked.traffic_mirror_source_ids
    attributes.check_region(world)
    sources.check_service(world)
    sources.check_distinct(wanted)
    sources.check_count(world, wanted, world.limits.sources_per_create)
    session = _drafted(world, asked, context.now)
    if world.sessions.held.holder_of(session.priority) is not None:
        raise refused("IllegalParam.Priority", str(session.priority))
    if len(world.sessions.ids) >= world.limits.sessions:
        raise refused("QuotaExceeded.SessionNum")
    attributes.check_filter(world, session)
    taken = acceptance.taken(world.behaviour, wanted, _checks(world, session))
    if asked.dry_run:
        raise refused("DryRunOperation")
    session.id = world.draw_id("tms-", world.sessions.find)
    if asked.virtual_network_id is None:
        session.virtual_network_id = world.draw_virtual_network_id()
    change = Change(world.draw_settle_s(), taken, fails=context.fails_in_background)
    world.sessions.create(session, change, context.now)
    return {"TrafficMirrorSessionId": session.id, "ResourceGroupId": session.resource_group}


def _drafted(world: World, asked: CreateSession, now: float) -> Session:
    enabled = asked.enabled
    tags, late_s = attributes.tags_of(asked.tag), world.behaviour.tags_arrive_after_s
    return Session(
        id="",
        name=asked.traffic_mirror_session_name or "",
        description=asked.traffic_mirror_session_description or "",
        filter=asked.traffic_mirror_filter_id,
        target=asked.traffic_mirror_target_id,
        target_type=asked.traffic_mirror_target_type,
        priority=asked.priority,
        enabled=world.behaviour.create_enabled_default if enabled is None else enabled,
        virtual_network_id=asked.virtual_network_id or 0,
        packet_length=asked.packet_length,
        tags={} if late_s else tags,
        tags_become=tuple(_tags_to_come(world.behaviour, tags if late_s else {})),
        resource_group=asked.resource_group_id or "",
        created=now,
    )


def _tags_to_come(behaviour: Behaviour, late: Mapping[str, str]) -> Iterator[TagTurn]:
    """First those of the call that are late, then what another system makes of its tags."""
    if late:
        yield TagTurn(behaviour.tags_arrive_after_s, {**late})
    if behaviour.tags_rewritten:
        yield TagTurn(behaviour.tags_rewritten_after_s, behaviour.tags_rewritten)


def _checks(world: World, session: Session) -> acceptance.Checks:
    def check_sources(source_ids: Sequence[str]) -> None:
        interfaces = sources.existing(world, source_ids)
        _check_settled(interfaces)
        sources.check_attached(world, interfaces)
        sources.check_supported(world, interfaces, session.target_type)
        sources.check_role(world, interfaces)
        becoming = replace(session, sources=tuple(source_ids))
        targets.check_target(world, becoming, gone_instance="ResourceNotFound.TargetInstance")

    def check_quotas(source_ids: Sequence[str]) -> None:
        sources.check_sessions_of(world, source_ids)
        if len(source_ids) > world.limits.sources_per_session:
            raise refused("QuotaExceeded.SourceNumPerSession")
        targets.check_room(world, session, len(source_ids))

    return {"sources": check_sources, "quotas": check_quotas}


def _check_settled(interfaces: Sequence[NetworkInterface]) -> None:
    for interface in interfaces:
        # On its way from one stable status to another; Add publishes no error of its own for it.
        if interface.status not in {"InUse", "Available"}:
            raise refused("IncorrectStatus.NetworkInterface", interface.id)
