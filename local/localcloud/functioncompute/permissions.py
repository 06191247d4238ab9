"""Whether a role may do something, and a record of everything that roles were asked for.

The record is what shows that a template grants each role what its function calls, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass

from localcloud.functioncompute.resources import Function, Role
from localcloud.functioncompute.template import Deployment
from localcloud.ram import Policy, resource_name

POST_LOGS = "log:PostLogStoreLogs"


@dataclass(frozen=True, slots=True)
class Asked:
    """A principal wanted to do this to that."""

    principal: str
    action: str
    resource: str


class Permissions:
    """Asks policies. Without one everything is allowed."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self.asked: dict[Asked, bool] = {}

    def name(self, service: str, relative_id: str) -> str:
        """The name of a resource of this account and region."""
        there = self._deployment
        return resource_name(service, there.region, there.account_id, relative_id)

    def allows(self, policy: Policy | None, principal: str, action: str, resource: str) -> bool:
        allowed = policy is None or policy.allows(action, resource)
        if principal:
            self.asked[Asked(principal, action, resource)] = allowed
        return allowed

    def role_allows(self, role: Role | None, action: str, resource: str) -> bool:
        """The same for a role; nobody's role may do nothing."""
        return role is not None and self.allows(role.policy, role.arn, action, resource)

    def may_log(self, function: Function) -> bool:
        """Whether what a function writes reaches its log store; one without any may write here."""
        if not function.log_project:
            return True
        store = f"project/{function.log_project}/logstore/{function.log_store}"
        return self.role_allows(function.role, POST_LOGS, self.name("log", store))
