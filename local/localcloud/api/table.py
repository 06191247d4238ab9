"""Which actions there are: name, product, version, parameters and the function that does it.

An action is added here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from localcloud.api import tagging
from localcloud.api.context import Context
from localcloud.api.ecs import attachments, delete_instances, power
from localcloud.api.ecs import tags as ecs_tags
from localcloud.api.ecs.create_network_interface import CreateInterface, create_interface
from localcloud.api.ecs.describe_instances import DescribeInstances, describe_instances
from localcloud.api.ecs.describe_network_interfaces import (
    DescribeNetworkInterfaces,
    describe_network_interfaces,
)
from localcloud.api.ecs.launch_parameters import RunInstances
from localcloud.api.ecs.run_instances import run_instances
from localcloud.api.parameters import Parameters, read
from localcloud.api.vpc import filter_rules, filters
from localcloud.api.vpc import tags as vpc_tags
from localcloud.api.vpc.add_sources import AddSources, add_sources
from localcloud.api.vpc.create_session import CreateSession, create_session
from localcloud.api.vpc.delete_session import DeleteSession, delete_session
from localcloud.api.vpc.list_filters import ListFilters, list_filters
from localcloud.api.vpc.list_sessions import ListSessions, list_sessions
from localcloud.api.vpc.remove_sources import RemoveSources, remove_sources
from localcloud.api.vpc.service import (
    GetServiceStatus,
    OpenService,
    get_service_status,
    open_service,
)
from localcloud.api.vpc.update_session import UpdateSession, update_session
from localcloud.world.world import World

VPC = ("Vpc", "2016-04-28")
ECS = ("Ecs", "2014-05-26")
ParametersT = TypeVar("ParametersT", bound=Parameters)


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `perform` changes the world as it answers, or raises `RefusedError`.

    `changes` marks a write call: each that succeeds is a happening.
    """

    name: str
    product: str
    version: str
    parameters: type[Parameters]
    perform: Callable[[World, Any, Context], Mapping[str, Any]]
    changes: bool = False

    def read(self, flat: Mapping[str, str]) -> Parameters:
        return read(self.parameters, flat, self.product)


def _action(
    product: tuple[str, str],
    name: str,
    parameters: type[ParametersT],
    perform: Callable[[World, ParametersT, Context], Mapping[str, Any]],
    *,
    changes: bool = False,
) -> Action:
    return Action(name, *product, parameters, perform, changes)


ALL = (
    _action(VPC, "AddSourcesToTrafficMirrorSession", AddSources, add_sources, changes=True),
    _action(
        VPC,
        "RemoveSourcesFromTrafficMirrorSession",
        RemoveSources,
        remove_sources,
        changes=True,
    ),
    _action(VPC, "CreateTrafficMirrorSession", CreateSession, create_session, changes=True),
    _action(
        VPC, "UpdateTrafficMirrorSessionAttribute", UpdateSession, update_session, changes=True
    ),
    _action(VPC, "DeleteTrafficMirrorSession", DeleteSession, delete_session, changes=True),
    _action(
        VPC, "CreateTrafficMirrorFilter", filters.CreateFilter, filters.create_filter, changes=True
    ),
    _action(
        VPC,
        "UpdateTrafficMirrorFilterAttribute",
        filters.UpdateFilter,
        filters.update_filter,
        changes=True,
    ),
    _action(
        VPC, "DeleteTrafficMirrorFilter", filters.DeleteFilter, filters.delete_filter, changes=True
    ),
    _action(
        VPC,
        "CreateTrafficMirrorFilterRules",
        filter_rules.CreateRules,
        filter_rules.create_rules,
        changes=True,
    ),
    _action(
        VPC,
        "UpdateTrafficMirrorFilterRuleAttribute",
        filter_rules.UpdateRule,
        filter_rules.update_rule,
        changes=True,
    ),
    _action(
        VPC,
        "DeleteTrafficMirrorFilterRules",
        filter_rules.DeleteRules,
        filter_rules.delete_rules,
        changes=True,
    ),
    _action(VPC, "ListTrafficMirrorFilters", ListFilters, list_filters),
    _action(VPC, "OpenTrafficMirrorService", OpenService, open_service, changes=True),
    _action(VPC, "GetTrafficMirrorServiceStatus", GetServiceStatus, get_service_status),
    _action(VPC, "ListTrafficMirrorSessions", ListSessions, list_sessions),
    _action(VPC, "TagResources", tagging.TagResources, vpc_tags.tag_resources, changes=True),
    _action(VPC, "UnTagResources", tagging.UntagResources, vpc_tags.untag_resources, changes=True),
    _action(VPC, "ListTagResources", tagging.ListTagResources, vpc_tags.list_tag_resources),
    _action(ECS, "TagResources", tagging.TagResources, ecs_tags.tag_resources, changes=True),
    _action(ECS, "UntagResources", tagging.UntagResources, ecs_tags.untag_resources, changes=True),
    _action(ECS, "ListTagResources", ecs_tags.ListTagResources, ecs_tags.list_tag_resources),
    _action(ECS, "DescribeInstances", DescribeInstances, describe_instances),
    _action(
        ECS, "DescribeNetworkInterfaces", DescribeNetworkInterfaces, describe_network_interfaces
    ),
    _action(ECS, "RunInstances", RunInstances, run_instances, changes=True),
    _action(ECS, "StartInstance", power.StartOne, power.start_one, changes=True),
    _action(ECS, "StartInstances", power.StartSeveral, power.start_several, changes=True),
    _action(ECS, "StopInstance", power.StopOne, power.stop_one, changes=True),
    _action(ECS, "StopInstances", power.StopSeveral, power.stop_several, changes=True),
    _action(
        ECS,
        "DeleteInstance",
        delete_instances.DeleteOne,
        delete_instances.delete_one,
        changes=True,
    ),
    _action(
        ECS,
        "DeleteInstances",
        delete_instances.DeleteSeveral,
        delete_instances.delete_several,
        changes=True,
    ),
    _action(ECS, "CreateNetworkInterface", CreateInterface, create_interface, changes=True),
    _action(
        ECS,
        "AttachNetworkInterface",
        attachments.AttachInterface,
        attachments.attach_interface,
        changes=True,
    ),
    _action(
        ECS,
        "DetachNetworkInterface",
        attachments.DetachInterface,
        attachments.detach_interface,
        changes=True,
    ),
    _action(
        ECS,
        "DeleteNetworkInterface",
        attachments.DeleteInterface,
        attachments.delete_interface,
        changes=True,
    ),
)

_BY_NAME: Mapping[tuple[str, str], Action] = {(one.version, one.name): one for one in ALL}
VERSIONS = frozenset(action.version for action in ALL)


def find_action(version: str, name: str) -> Action | None:
    """The action; VPC and ECS have some of one name, and their versions tell them apart."""
    return _BY_NAME.get((version, name))
