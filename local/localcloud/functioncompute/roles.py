"""The roles of a template: who may assume them and what they may do, so that it can be held.

A role that the template only names, by its ARN, is not known here: it may do everything. System
policies are the vendor's; those in use are here, any other is refused rather than guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from localcloud.functioncompute.properties import Properties, Resources
from localcloud.functioncompute.resources import Role
from localcloud.functioncompute.template import Template
from localcloud.ram import Policy, PolicyError

COMPUTE = "fc.aliyuncs.com"
EVENTS = "eventbridge.aliyuncs.com"


def _allow(*actions: str) -> Mapping[str, object]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "1", "Statement": [statement]}


SYSTEM_POLICIES: Mapping[str, Mapping[str, object]] = {
    "AdministratorAccess": _allow("*"),
    "AliyunECSFullAccess": _allow("ecs:*"),
    "AliyunECSReadOnlyAccess": _allow("ecs:Describe*", "ecs:List*", "ecs:Get*"),
    "AliyunFCFullAccess": _allow("fc:*"),
    "AliyunFCInvocationAccess": _allow("fc:InvokeFunction"),
    "AliyunFCReadOnlyAccess": _allow("fc:Get*", "fc:List*"),
    "AliyunLogFullAccess": _allow("log:*"),
    "AliyunMNSFullAccess": _allow("mns:*"),
    "AliyunVPCFullAccess": _allow("vpc:*"),
    "AliyunVPCReadOnlyAccess": _allow("vpc:Describe*", "vpc:List*", "vpc:Get*"),
}


class Roles:
    """The roles of a template by ARN."""

    def __init__(self, template: Template, resources: Resources) -> None:
        self._resources = resources
        self._roles: dict[str, Role] = {}
        for raw in resources.of("ALIYUN::RAM::Role"):
            arn = str(template.attribute(raw.logical_id, "Arn", raw.logical_id))
            documents = [*_inline(raw), *self._attached(raw)]
            self._roles[arn] = Role(arn, _policy(raw, documents), _trusted(raw))

    def of(self, raw: Properties, name: str, service: str) -> Role | None:
        """The role that a property names; refused where the service cannot assume it."""
        arn = raw.text(name, "")
        if not arn:
            return None
        role = self._roles.get(arn, Role(arn))
        if role.trusted is not None and service not in role.trusted:
            sentence = (
                f"{service} cannot assume {arn}: its AssumeRolePolicyDocument does not say so"
            )
            raw.refuse(name, sentence)
        return role

    def _attached(self, raw: Properties) -> Iterator[Mapping[str, object]]:
        name = raw.text("RoleName")
        given = raw.below("PolicyAttachments")
        own = [(one, raw) for one in map(str, given.list("System"))]
        others = [
            (one.text("PolicyName"), one)
            for one in self._resources.of("ALIYUN::RAM::AttachPolicyToRole")
            if one.text("RoleName") == name
        ]
        system = [*own, *((one, at) for one, at in others if at.text("PolicyType") == "System")]
        yield from (_system(one, at) for one, at in system)
        custom = {*map(str, given.list("Custom"))}
        custom |= {one for one, at in others if at.text("PolicyType") == "Custom"}
        yield from self._managed(name, custom, raw)

    def _managed(
        self, role: str, wanted: set[str], raw: Properties
    ) -> Iterator[Mapping[str, object]]:
        managed = {
            one.text("PolicyName"): one for one in self._resources.of("ALIYUN::RAM::ManagedPolicy")
        }
        for name in sorted(wanted - managed.keys()):
            raw.refuse("PolicyAttachments", f"the policy {name} is no policy of this template")
        for name, policy in managed.items():
            if name in wanted or role in policy.list("Roles"):
                yield policy.map("PolicyDocument") or policy.map("PolicyDocumentUnchecked")


def _system(name: str, raw: Properties) -> Mapping[str, object]:
    document = SYSTEM_POLICIES.get(name)
    if document is None:
        known = ", ".join(SYSTEM_POLICIES)
        raw.refuse("PolicyAttachments", f"the system policy {name} is not one of {known}")
    return document


def _inline(raw: Properties) -> Iterator[Mapping[str, object]]:
    for one in raw.maps("Policies"):
        one.text("PolicyName")
        yield one.map("PolicyDocument")


def _policy(raw: Properties, documents: Sequence[Mapping[str, object]]) -> Policy:
    try:
        return Policy.read(*documents)
    except PolicyError as error:
        raw.refuse("Policies", str(error))


def _trusted(raw: Properties) -> frozenset[str]:
    found: set[str] = set()
    for statement in raw.below("AssumeRolePolicyDocument").maps("Statement"):
        if statement.text("Effect") == "Allow" and statement.text("Action") == "sts:AssumeRole":
            services = statement.below("Principal").list("Service")
            found.update(str(one) for one in services)
    return frozenset(found)
