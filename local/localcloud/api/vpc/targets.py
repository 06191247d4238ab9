"""What makes a network interface or a load balancer fit to be the target of a session.

Each check raises the error of VPC API 2016-04-28 that it is named after. Where two published
codes could mean the same, the docstring says which one is given here and when.
"""

from __future__ import annotations

from localcloud.api.vpc import sources
from localcloud.refusals import refused
from localcloud.world.objects import Session
from localcloud.world.world import World


def check_target(world: World, session: Session, *, gone_instance: str) -> None:
    """The target of a session as it would be. `gone_instance` is the code for its instance."""
    if not world.service.business_type_supported:
        raise refused("OperationFailed.NotSupportBizType")
    if session.target_type == "SLB":
        _check_slb(world, session)
    else:
        _check_interface(world, session.target, gone_instance)
    _check_sources_for_target(world, session)


def check_room(world: World, session: Session, more: int) -> None:
    """Room for `more` sources at the target of a session as it would be."""
    held = world.sessions.held.sources_of_target(session.target)
    if held + more > sources.most_at_target(world, session):
        raise refused("QuotaExceeded.SourceNumPerTarget")


def _check_slb(world: World, session: Session) -> None:
    """An id of another form is InvalidLoadBalancerId.NotFound, an unknown one ResourceNotFound.

    A load balancer that sessions mirror to already exists, listed or not.
    """
    if not session.target.startswith("lb-"):
        raise refused("InvalidLoadBalancerId.NotFound", session.target)
    slb = world.slbs.get(session.target)
    related = world.sessions.held.by_target.get(session.target, set()) - {session.id}
    if slb is None and not world.sessions.held.by_target.get(session.target):
        raise refused("ResourceNotFound.Slb", session.target)
    if slb is not None and slb.classic:
        raise refused("OperationDenied.ClassicSLB", slb.id)
    if slb is not None and not slb.in_vpc:
        raise refused("OperationDenied.SlbNotInVpc", slb.id)
    most = world.limits.sessions_per_slb_target
    if most is not None and len(related) >= most:
        raise refused("QuotaExceeded.SlbRelatedSession", session.target)


def _check_interface(world: World, target: str, gone_instance: str) -> None:
    interface = world.network_interfaces.find(target)
    if interface is None:
        raise refused("ResourceNotFound.NetworkInterface", target)
    if interface.instance is None or interface.status != "InUse":
        raise refused("OperationDenied.FreeNetworkInterface", target)
    instance = world.instances.find(interface.instance)
    if instance is None:
        raise refused(gone_instance, target)
    if not instance.supports_mirror:
        raise refused("OperationDenied.EcsNotSupportTrafficMirror", target)


def _check_sources_for_target(world: World, session: Session) -> None:
    """No target is a source anywhere, and a NAT gateway's interface sends to load balancers."""
    if session.target in session.sources or world.sessions.held.by_source.get(session.target):
        raise refused("OperationDenied.DuplicateRole", session.target)
    for source in session.sources:
        interface = world.network_interfaces.find(source)
        if interface is not None and interface.nat_gateway and session.target_type != "SLB":
            raise refused("OperationDenied.UnsupportedTargetType", source)
