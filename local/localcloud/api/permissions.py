"""Whether the holder of a key may make a call: which action on which resources it takes.

The action is `vpc:` or `ecs:` and the operation's name. Published resources are, for List and
Create, `trafficmirrorsession/*`, for Create also `trafficmirrorfilter/{id}`, and elsewhere
`trafficmirrorsession/{id}`, `eni/*`, `instance/{id}`; the others are inferred from these. A call
that names no resource needs `*` of its kind, one that names several needs each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.api.parameters import Parameters
from localcloud.credentials import Key
from localcloud.ram import Decision, Policy, resource_name
from localcloud.refusals import RefusedError, refused
from localcloud.world.world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as far as permission goes; `service` as in RAM: `vpc`, `ecs`."""

    service: str
    action: str
    parameters: Parameters

    @property
    def ram_action(self) -> str:
        return f"{self.service}:{self.action}"


@dataclass(frozen=True, slots=True)
class _Need:
    """A kind of resource, and the parameter that names which; without one, all of the kind.

    Where the call says itself of which kind they are, `kind_parameter` is where.
    """

    kind: str
    parameter: str = ""
    kind_parameter: str = ""

    def relative_ids(self, parameters: Parameters) -> Iterator[str]:
        said = getattr(parameters, self.kind_parameter) if self.kind_parameter else self.kind
        named = getattr(parameters, self.parameter) if self.parameter else None
        for one in ((named,) if isinstance(named, str) else named) or ("*",):
            yield f"{said.lower()}/{one}"


_SESSION = (_Need("trafficmirrorsession", "traffic_mirror_session_id"),)
_FILTER = (_Need("trafficmirrorfilter", "traffic_mirror_filter_id"),)
_INSTANCE = (_Need("instance", "instance_id"),)
_INTERFACE = (_Need("eni", "network_interface_id"),)
_TAGGED = (_Need("", "resource_id", kind_parameter="resource_type"),)
_NEEDS: Mapping[str, tuple[_Need, ...]] = {
    "AddSourcesToTrafficMirrorSession": _SESSION,
    "RemoveSourcesFromTrafficMirrorSession": _SESSION,
    "CreateTrafficMirrorSession": (_Need("trafficmirrorsession"), *_FILTER),
    "UpdateTrafficMirrorSessionAttribute": _SESSION,
    "DeleteTrafficMirrorSession": _SESSION,
    "ListTrafficMirrorSessions": (_Need("trafficmirrorsession"),),
    "CreateTrafficMirrorFilter": (_Need("trafficmirrorfilter"),),
    "UpdateTrafficMirrorFilterAttribute": _FILTER,
    "DeleteTrafficMirrorFilter": _FILTER,
    "CreateTrafficMirrorFilterRules": _FILTER,
    # It names a rule alone, and rules have no resource names of their own.
    "UpdateTrafficMirrorFilterRuleAttribute": (_Need("trafficmirrorfilter"),),
    "DeleteTrafficMirrorFilterRules": _FILTER,
    "ListTrafficMirrorFilters": (_Need("trafficmirrorfilter"),),
    "TagResources": _TAGGED,
    "UnTagResources": _TAGGED,
    "UntagResources": _TAGGED,
    "ListTagResources": _TAGGED,
    "DescribeInstances": (_Need("instance", "instance_ids"),),
    "DescribeNetworkInterfaces": _INTERFACE,
    "RunInstances": (_Need("instance"),),
    "StartInstance": _INSTANCE,
    "StartInstances": _INSTANCE,
    "StopInstance": _INSTANCE,
    "StopInstances": _INSTANCE,
    "DeleteInstance": _INSTANCE,
    "DeleteInstances": _INSTANCE,
    "CreateNetworkInterface": (_Need("eni"),),
    "AttachNetworkInterface": (*_INTERFACE, *_INSTANCE),
    "DetachNetworkInterface": (*_INTERFACE, *_INSTANCE),
    "DeleteNetworkInterface": _INTERFACE,
}
# Opening the service is refused with 400, as every error of that operation is.
_STATUS: Mapping[str, int] = {"OpenTrafficMirrorService": 400}
_ANNOUNCED = frozenset({"DescribeInstances"})


def check_permission(key: Key, asked: Asked, world: World) -> bool:
    """Whether the caller sees anything; `RefusedError` (`Forbidden.RAM`) for a call not allowed.

    False only for a Describe of ECS, which answers a caller without permission with empty lists
    (`behaviour.denied_describe`).
    """
    if key.policy is None:
        return True
    decision = _decision(key.policy, asked, world)
    if decision is Decision.ALLOWED:
        return True
    dry_run = getattr(asked.parameters, "dry_run", False)
    if not dry_run and _shows_nothing(asked, world):
        return False
    raise _forbidden(key, asked, decision, world)


def _decision(policy: Policy, asked: Asked, world: World) -> Decision:
    found = Decision.ALLOWED
    for relative_id in _relative_ids(asked):
        name = resource_name(asked.service, world.region, world.account_id, relative_id)
        decision = policy.decide(asked.ram_action, name)
        if decision is Decision.EXPLICIT_DENY:
            return decision
        if decision is Decision.IMPLICIT_DENY:
            found = decision
    return found


def _relative_ids(asked: Asked) -> Iterator[str]:
    needs = _NEEDS.get(asked.action)
    if needs is None:
        yield "*"
        return
    for need in needs:
        yield from need.relative_ids(asked.parameters)


def _shows_nothing(asked: Asked, world: World) -> bool:
    if asked.service != "ecs" or not asked.action.startswith("Describe"):
        return False
    denied = world.behaviour.denied_describe
    return denied == "empty" or (denied == "announced" and asked.action not in _ANNOUNCED)


def _forbidden(key: Key, asked: Asked, decision: Decision, world: World) -> RefusedError:
    detail: Mapping[str, Any] = {
        "AuthAction": asked.ram_action,
        "AuthPrincipalDisplayName": key.principal,
        "AuthPrincipalOwnerId": world.account_id,
        "AuthPrincipalType": "AssumedRoleUser" if key.token_required else "SubUser",
        "NoPermissionType": decision.value,
        "PolicyType": "AccountLevelIdentityBasedPolicy",
    }
    refusal = refused("Forbidden.RAM", asked.ram_action, _STATUS.get(asked.action))
    return RefusedError(
        refusal.code, refusal.status, refusal.message, detail={"AccessDeniedDetail": detail}
    )
