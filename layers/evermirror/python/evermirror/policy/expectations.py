"""Runs the tests that a policy carries, so that a review can trust its examples."""

from __future__ import annotations

from collections.abc import Iterator

from evermirror.policy.decision import Decision, Expectation, Policy
from evermirror.policy.reading import Problem, quoted


def unmet(policy: Policy) -> Iterator[Problem]:
    """Find the expectations that the policy does not meet, each with what it decides instead."""
    for expectation in policy.expectations:
        decision = policy.decide(expectation.interface, expectation.instance)
        if not _meets(decision, expectation):
            yield Problem(
                ("expect", expectation.position),
                f"expected {_in_words(expectation)}, but {decision.sentence}",
            )


def _meets(decision: Decision, expectation: Expectation) -> bool:
    right_rule = expectation.rule is None or expectation.rule == decision.rule
    return not decision.undecided and decision.pool == expectation.pool and right_rule


def _in_words(expectation: Expectation) -> str:
    goal = "never" if expectation.pool is None else f"pool {quoted(expectation.pool)}"
    return goal if expectation.rule is None else f"{goal} by rule {quoted(expectation.rule)}"
