"""A whole plan as one value, and what programs are told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from commandline.planning.capacity import PoolNeed, pool_needs
from commandline.planning.comparing import Change, Changes, compare
from commandline.planning.finding import Finding
from commandline.planning.findings import findings
from commandline.planning.placed import Placed, attached, place_all
from commandline.planning.price import (
    CNY_A_SOURCE_HOUR,
    HOURS_A_MONTH,
    NOTES,
    Price,
    month_of,
    price,
)
from commandline.planning.quotas import Quotas
from commandline.planning.rules import RuleCount, count_rules
from commandline.planning.verifying import Verification, Verified
from evermirror.fleet import Fleet
from evermirror.model import Instance
from evermirror.placement.completeness import incomplete_because
from evermirror.placement.limits import Limits
from evermirror.placement.placement import Placement
from evermirror.policy import Policy
from evermirror.policy.reading import quoted
from evermirror.reasons import DRY_RUNS_UNANSWERED, SAFEGUARDS, remedy_for

NOT_RULES = {*SAFEGUARDS, "excluded_by_default"}
"""What `excluded` counts besides rules."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a policy would mean for a fleet in place of the current one.

    `over_ceiling` is how many sources more than the ceiling on mirrored sources, `max_sources`, it
    would take; of what would be added no more than that is left out, and never more than all.
    `families` are the instances' families of what a dry run refused for its type, with how many.
    `doubt` is a word for why the fleet could not be judged, None where it could.
    """

    placement: Placement
    current: Policy
    fleet: Fleet
    placed: tuple[Placed, ...]
    changes: Changes
    rules: tuple[RuleCount, ...]
    needs: tuple[PoolNeed, ...]
    price: Price
    findings: tuple[Finding, ...]
    over_ceiling: int = 0
    doubt: str | None = None
    verification: Verification | None = None
    families: Mapping[str, int] = field(default_factory=dict)

    @property
    def unknown(self) -> str | None:
        """A word for why it cannot be said whether everything fits, None where it can."""
        if self.doubt is None and self.verification is not None and self.verification.unanswered:
            return DRY_RUNS_UNANSWERED
        return self.doubt

    @property
    def to_ask(self) -> int:
        """About how many interfaces a dry run can be asked."""
        return sum(need.to_ask for need in self.needs)

    @property
    def status(self) -> str:
        """`fits`, `gaps` or `unknown`."""
        if self.unknown is not None:
            return "unknown"
        refused = self.verification is not None and self.verification.refused_for_good
        gaps = self.over_ceiling > 0 or any(need.has_gap for need in self.needs)
        harm = any(finding.is_gap for finding in self.findings)
        return "gaps" if refused or gaps or harm else "fits"

    @property
    def excluded(self) -> Mapping[str, int]:
        """How many interfaces are not wanted, by rule or safeguard.

        A rule may be called as a safeguard is; then it goes by `rule "sensor"`.
        """
        left_out = (one for one in self.placed if one.pool is None and not one.undecided)
        return dict(sorted(Counter(map(_by, left_out)).items()))

    @property
    def undecided(self) -> int:
        """For how many interfaces nobody knows what is wanted."""
        return sum(one.undecided for one in self.placed)

    @property
    def by_default(self) -> int:
        """How many interfaces no rule matches."""
        return sum(
            one.reason in {"placed_by_default", "excluded_by_default"} for one in self.placed
        )

    def verified(self, verification: Verification, instances: Mapping[str, Instance]) -> Plan:
        """The same with what dry runs said, `instances` being those of refused interfaces."""
        where = {one.id: one.instance_id or "" for one in self.fleet.interfaces}
        refused = (instances.get(where[one]) for one in verification.of_an_unsupported_type)
        families = Counter(one.family for one in refused if one is not None)
        return replace(self, verification=verification, families=dict(sorted(families.items())))


def make_plan(
    policy: Policy, current: Policy, fleet: Fleet, limits: Limits, quotas: Quotas | None = None
) -> Plan:
    """Compare two policies over a fleet; pure."""
    snapshot, interfaces = fleet.snapshot, attached(fleet)
    placement = before = Placement(policy, snapshot, limits)
    placed = placed_before = place_all(placement, interfaces)
    if policy != current:
        before = Placement(current, snapshot, limits)
        placed_before = place_all(before, interfaces)
    rules = count_rules(policy, placed, snapshot)
    needs = pool_needs(placement, placed, quotas or Quotas())
    cost = price(fleet.sessions.values(), needs)
    return Plan(
        placement=placement,
        current=current,
        fleet=fleet,
        placed=placed,
        changes=compare(placed_before, placed),
        rules=rules,
        needs=needs,
        price=cost,
        findings=findings(placement, before, placed, rules),
        over_ceiling=_over_ceiling(placement, cost.sources_added),
        doubt=incomplete_because(
            placement,
            any_interface=bool(fleet.interfaces),
            any_undecided=any(one.undecided for one in placed),
            any_eligible=any(one.pool is not None for one in placed),
        ),
    )


def _by(placed: Placed) -> str:
    if placed.rule is None:
        return placed.reason
    return f"rule {quoted(placed.rule)}" if placed.rule in NOT_RULES else placed.rule


def _over_ceiling(placement: Placement, added: int) -> int:
    ceiling = placement.limits.max_sources
    return 0 if ceiling is None else max(0, placement.membership.sources + added - ceiling)


def to_wire(plan: Plan, names: Mapping[str, str]) -> dict[str, Any]:
    """The plan for programs; `names` says where the policies and the fleet come from."""
    return {
        "region": names["region"],
        "status": plan.status,
        "unknown": plan.unknown,
        "remedy": remedy_for(plan.unknown),
        "current": {"from": names["current"], "policy_digest": plan.current.digest},
        "policy": {"from": names["policy"], "policy_digest": plan.placement.policy.digest},
        "read": {
            "network_interfaces": len(plan.fleet.interfaces),
            "attached": len(plan.placed),
            "instances": len(plan.fleet.instances),
            "sessions": len(plan.fleet.sessions),
        },
        "unsupported_families": dict(plan.families),
        "changes": {
            kind: [_change(one, plan.placement) for one in getattr(plan.changes, kind)]
            for kind in ("become_wanted", "change_pool", "stop_being_wanted")
        },
        "rules": [_rule(one) for one in plan.rules],
        "default": {"pool": plan.placement.policy.default, "decides": plan.by_default},
        "excluded": plan.excluded,
        "undecided": plan.undecided,
        "pools": [_pool(one) for one in plan.needs],
        "max_sources": plan.placement.limits.max_sources,
        "over_ceiling": plan.over_ceiling,
        "price": _price(plan.price),
        "warnings": [_warning(one) for one in plan.findings],
        "verification": None if plan.verification is None else _verification(plan.verification),
    }


def _change(change: Change, placement: Placement) -> dict[str, Any]:
    sessions = placement.membership.holding(change.network_interface_id)
    return {
        "network_interface_id": change.network_interface_id,
        "instance_id": change.after.interface.instance_id,
        "from": change.before.pool,
        "to": change.after.pool,
        "because": change.after.why,
        "sessions": sorted(session.id for session in sessions),
    }


def _rule(count: RuleCount) -> dict[str, Any]:
    return {
        "name": count.rule.name,
        "pool": count.rule.pool,
        "decides": count.decides,
        "matches": count.matches,
        "twin": None if count.twin is None else asdict(count.twin),
    }


def _pool(need: PoolNeed) -> dict[str, Any]:
    return {
        **asdict(need),
        "ineffective_because": need.ineffective_because,
        "cny_a_month": float(month_of(need.wanted)),
    }


def _warning(finding: Finding) -> dict[str, Any]:
    return {"kind": finding.kind, "key": finding.key, "sentence": finding.sentence}


def _price(cost: Price) -> dict[str, Any]:
    return {
        "cny_a_month_now": float(cost.now),
        "cny_a_month_after": float(cost.after),
        "sources_now": cost.sources_now,
        "sources_added": cost.sources_added,
        "cny_a_source_hour": float(CNY_A_SOURCE_HOUR),
        "hours_a_month": HOURS_A_MONTH,
        "notes": list(NOTES),
    }


def _verification(verification: Verification) -> dict[str, Any]:
    return {
        "asked": len(verification.answers),
        "passed": verification.passed,
        "not_asked": verification.not_asked,
        "refused": [{**_answer(one), "passing": one.passing} for one in verification.refused],
        "unanswered": [_answer(one) for one in verification.unanswered],
    }


def _answer(verified: Verified) -> dict[str, Any]:
    return {
        "network_interface_id": verified.question.network_interface_id,
        "session_id": verified.question.session_id,
        "code": verified.code,
        "message": verified.message,
        "remedy": verified.remedy,
    }
