"""What makes a network interface fit, or unfit, to be a source of a traffic mirror session.

Each check raises the error of VPC API 2016-04-28 that it is named after; none changes anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from localcloud.refusals import refused
from localcloud.world.large_targets import LARGE_TARGET_TYPES
from localcloud.world.objects import NetworkInterface, Session
from localcloud.world.world import World


def check_service(world: World) -> None:
    """The service was opened, and its bills are paid."""
    if not world.service.enabled:
        raise refused("OptInRequired.TrafficMirror")
    if world.service.business_status != "Normal":
        raise refused("IncorrectBusinessStatus.TrafficMirror")


def check_distinct(source_ids: Sequence[str]) -> None:
    """No source twice in one call."""
    if len(set(source_ids)) < len(source_ids):
        raise refused("DuplicatedParam.SourceInstanceIds")


def check_count(world: World, source_ids: Sequence[str], most: int) -> None:
    """Not more sources at once than one call may name."""
    if len(source_ids) > most:
        raise refused(world.behaviour.too_many_sources_code, f"at most {most} in one call")


def existing_session(world: World, session_id: str) -> Session:
    session = world.sessions.find(session_id)
    if session is None:
        raise refused("ResourceNotFound.TrafficMirrorSession")
    return session


def check_stable(world: World, session: Session) -> None:
    """The session is neither locked nor busy."""
    if session.business_status != "Normal":
        raise refused("IncorrectBusinessStatus.TrafficMirror")
    if session.status != "Created":
        raise refused(world.behaviour.busy_code)


def existing(world: World, source_ids: Sequence[str]) -> list[NetworkInterface]:
    found = []
    for source_id in source_ids:
        interface = world.network_interfaces.find(source_id)
        if interface is None:
            raise refused("ResourceNotFound.NetworkInterface", source_id)
        found.append(interface)
    return found


def check_attached(world: World, interfaces: Sequence[NetworkInterface]) -> None:
    """Attached for good, to an instance that exists; a NAT gateway's interface has none."""
    for interface in interfaces:
        if interface.nat_gateway:
            continue
        if interface.instance is None or interface.status != "InUse":
            raise refused("OperationDenied.FreeNetworkInterface", interface.id)
    for interface in interfaces:
        if interface.instance is not None and world.instances.find(interface.instance) is None:
            raise refused("ResourceNotFound.EcsInstance", interface.id)


def check_supported(world: World, interfaces: Sequence[NetworkInterface], target_type: str) -> None:
    """The kind of interface, and of instance behind it, can have its traffic mirrored."""
    for interface in interfaces:
        instance = world.instances.find(interface.instance)
        if instance is not None and not instance.supports_mirror:
            raise refused("OperationDenied.EcsNotSupportTrafficMirror", interface.id)
        if interface.bond_without_slave:
            raise refused("OperationUnsupported.BondingNetworkInterface", interface.id)
        if interface.nat_gateway and target_type != "SLB":
            raise refused("OperationDenied.UnsupportedTargetType", interface.id)
        _check_undocumented_kinds(world, interface)


def _check_undocumented_kinds(world: World, interface: NetworkInterface) -> None:
    # The documents say that these cannot be sources, or say nothing, and name no error.
    behaviour = world.behaviour
    if interface.service_managed and behaviour.service_managed_code is not None:
        raise refused(behaviour.service_managed_code, interface.id)
    if interface.trunk is not None and behaviour.member_code is not None:
        raise refused(behaviour.member_code, interface.id)


def check_role(world: World, interfaces: Sequence[NetworkInterface]) -> None:
    """No source is a target of any session."""
    for interface in interfaces:
        if world.sessions.held.by_target.get(interface.id):
            raise refused("OperationDenied.DuplicateRole", interface.id)


def check_not_associated(session: Session, source_ids: Sequence[str]) -> None:
    """In the session is also what a change under way is bringing."""
    held = _held(session)
    for source_id in source_ids:
        if source_id in held:
            raise refused("ResourceAlreadyAssociated.TrafficMirrorSource", source_id)


def check_sessions_of(world: World, source_ids: Sequence[str]) -> None:
    """Each source may belong to one more session."""
    most = world.limits.sessions_per_source
    for source_id in source_ids:
        if len(world.sessions.held.by_source.get(source_id, ())) >= most:
            raise refused("QuotaExceeded.NetworkInterfaceRelatedSession", source_id)


def check_quotas(world: World, session: Session, source_ids: Sequence[str]) -> None:
    """Room left: for sessions of each source, in the session, at its target."""
    more = len(source_ids)
    check_sessions_of(world, source_ids)
    if len(_held(session)) + more > world.limits.sources_per_session:
        raise refused("QuotaExceeded.SourceNumPerSession")
    if world.sessions.held.sources_of_target(session.target) + more > most_at_target(
        world, session
    ):
        raise refused("QuotaExceeded.SourceNumPerTarget")


def _held(session: Session) -> tuple[str, ...]:
    return session.sources + (session.change.add if session.change is not None else ())


def most_at_target(world: World, session: Session) -> int:
    """The target's quota: by its kind, and for an interface by its instance's type."""
    if session.target_type == "SLB":
        return world.limits.sources_per_slb_target
    interface = world.network_interfaces.find(session.target)
    instance = world.instances.find(interface.instance if interface else None)
    if instance is not None and instance.type in LARGE_TARGET_TYPES:
        return world.limits.sources_per_large_target
    return world.limits.sources_per_target
