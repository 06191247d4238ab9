"""What README says of a policy: whether an interface is wanted, in which pool, and why not.

Three-valued: what a rule asks of an instance that cannot be read is neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Thing: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = bool | None
UNDECIDED = "instance_unknown"


@dataclass(frozen=True)
class Eligibility:
    """A pool, or None and the reason; `rule` is the rule that decides, if one does."""

    pool: str | None
    reason: str
    rule: str | None = None

    @property
    def is_undecided(self) -> bool:
        return self.reason == UNDECIDED


NO_TARGETS: frozenset[str] = frozenset()


def eligibility(
    policy: Thing,
    interface: Thing,
    instance: Thing | None,
    targets: Collection[str] = NO_TARGETS,
    target_instances: Collection[str] = NO_TARGETS,
) -> Eligibility:
    """Before the rules, then the first rule that matches, then the default.

    `targets` are the interfaces that the policy names as such or its sessions mirror to, with the
    instances that they sit on.
    """
    if interface.get("service_managed"):
        return Eligibility(None, "service_managed")
    if policy["members"] == "skip" and interface.get("trunk"):
        return Eligibility(None, "trunk_or_member_interface")
    if interface["id"] in targets or interface["instance"] in target_instances:
        return Eligibility(None, "target_instance")
    sensors = any_of(matches(p["sensors"], interface, instance) for p in _with_sensors(policy))
    if sensors:
        return Eligibility(None, "sensor")
    if sensors is None:
        return _undecided(interface, None)
    return _by_rule(policy, interface, instance)


def _with_sensors(policy: Thing) -> list[Thing]:
    return [pool for pool in policy["pools"].values() if "sensors" in pool]


def _by_rule(policy: Thing, interface: Thing, instance: Thing | None) -> Eligibility:
    for rule in policy["rules"]:
        answer = matches(rule["match"], interface, instance)
        if answer is None:
            return _undecided(interface, rule["name"])
        if answer and "pool" in rule:
            return Eligibility(rule["pool"], "placed_by_rule", rule["name"])
        if answer:
            return Eligibility(None, "excluded_by_rule", rule["name"])
    if policy["default"] == "never":
        return Eligibility(None, "excluded_by_default")
    return Eligibility(policy["default"]["pool"], "placed_by_default")


def _undecided(interface: Thing, rule: str | None) -> Eligibility:
    """In use but on no instance: another service has it, and nobody will ever see its instance."""
    if interface["status"] == "InUse" and interface["instance"] is None:
        return Eligibility(None, "no_instance")
    return Eligibility(None, UNDECIDED, rule)


def matches(match: Thing, interface: Thing, instance: Thing | None) -> Answer:
    """Keys side by side must all match."""
    return all_of(_key(key, asked, interface, instance) for key, asked in match.items())


def _key(key: str, asked: Any, interface: Thing, instance: Thing | None) -> Answer:
    if key == "all":
        return all_of(matches(one, interface, instance) for one in asked)
    if key == "any":
        return any_of(matches(one, interface, instance) for one in asked)
    if key == "not":
        answer = matches(asked, interface, instance)
        return None if answer is None else not answer
    if key in {"tags", "instance_tags"}:
        bearer = interface if key == "tags" else instance
        return None if bearer is None else _tagged(asked, bearer)
    values = FACTS[key](interface, instance)
    return None if values is None else any(value in _listed(asked) for value in values)


def _tagged(asked: Thing, bearer: Thing) -> bool:
    tags = bearer["tags"]
    return all(key in tags and tags[key] in _listed(wanted) for key, wanted in asked.items())


FACTS: Mapping[str, Callable[[Thing, Thing | None], list[str] | None]] = {
    "vpc": lambda interface, _: [interface["vpc"]],
    "vswitch": lambda interface, _: [interface["vswitch"]],
    "zone": lambda interface, _: [interface["zone"]],
    "security_group": lambda interface, _: interface["security_groups"],
    "type": lambda interface, _: [interface["type"]],
    "network_interface": lambda interface, _: [interface["id"]],
    "instance": lambda interface, _: [interface["instance"]] if interface["instance"] else None,
    "instance_family": lambda _, instance: (
        [instance["type"].rpartition(".")[0]] if instance else None
    ),
}


def _listed(asked: Any) -> list[str]:
    return asked if isinstance(asked, list) else [asked]


def all_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's "and": one no settles it, whatever is not known."""
    found = list(answers)
    if False in found:
        return False
    return None if None in found else True


def any_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's "or": one yes settles it, whatever is not known."""
    found = list(answers)
    if True in found:
        return True
    return None if None in found else False
