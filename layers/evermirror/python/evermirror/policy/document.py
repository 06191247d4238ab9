"""Reads a policy out of plain data: one grammar for the file that people write and for its
compiled form, which is that format in one spelling.

Every mistake is noted with its place, and reading goes on, references between the parts included.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from evermirror.policy.decision import VERSION, Expectation, Members, Policy, Pool, Rule
from evermirror.policy.matchers import EVERYTHING, NOTHING, Matcher
from evermirror.policy.matching import read_example, read_match
from evermirror.policy.pools import read_pools
from evermirror.policy.reading import Part, instead, quoted

KEYS = ("version", "pools", "members", "rules", "default", "expect")
RULE_KEYS = ("name", "match", "pool", "never")
EXPECTATION_KEYS = ("interface", "pool", "never", "rule")


def read_document(document: Part) -> Policy:
    """Read a whole policy; it means something only if no problem was noted."""
    entries = document.fields(KEYS)
    if document.is_mapping:
        _read_version(document, entries.get("version"))
    pools = read_pools(document, entries.get("pools"))
    rules = _read_rules(entries.get("rules"), pools)
    return Policy(
        pools=pools,
        rules=rules,
        default=_read_default(entries.get("default"), pools),
        members=_read_members(entries.get("members")),
        expectations=_read_expectations(entries.get("expect"), pools, rules),
    )


def _read_version(document: Part, part: Part | None) -> None:
    if part is None:
        document.wrong(f"`version` is missing; write `version: {VERSION}`")
    elif type(part.value) is not int or part.value != VERSION:
        part.wrong(f"must be the number {VERSION}, the only version of the format known here")


def _read_members(part: Part | None) -> Members:
    if part is None:
        return "skip"
    word = part.choice("a way to treat trunk and member interfaces", ("skip", "try"))
    return cast("Members", word or "try")


def _read_rules(part: Part | None, pools: Mapping[str, Pool]) -> tuple[Rule, ...]:
    items = part.items("rules") if part else []
    rules = [_read_rule(item, position, pools) for position, item in enumerate(items, start=1)]
    names: set[str] = set()
    for item, rule in zip(items, rules, strict=True):
        if rule.name in names:
            item.wrong(f"another rule is called {quoted(rule.name)}; reports must tell them apart")
        names.add(rule.name)
    return tuple(rules)


def _read_rule(part: Part, position: int, pools: Mapping[str, Pool]) -> Rule:
    entries = part.fields(RULE_KEYS)
    name = entries["name"].name("the name of a rule") if "name" in entries else None
    pool = _read_result(part, entries, pools)
    match = _read_rule_match(part, entries.get("match"))
    return Rule(name or f"rule {position}", match, pool)


def _read_rule_match(rule: Part, part: Part | None) -> Matcher:
    if part is None:
        if rule.is_mapping:
            rule.wrong("`match` is missing; to match every interface, write `match: {}`")
        return NOTHING
    return EVERYTHING if part.value == {} else read_match(part) or NOTHING


def _read_result(part: Part, entries: Mapping[str, Part], pools: Collection[str]) -> str | None:
    pool, never = entries.get("pool"), entries.get("never")
    if never is not None and never.value is not True:
        never.wrong("must be `true`, or left out")
    if pool is not None and never is not None:
        part.wrong("has both `pool` and `never`; keep one of them")
    if pool is None and never is None and part.is_mapping:
        part.wrong("needs a result: `pool` with the name of a pool, or `never: true`")
    return None if pool is None else _read_pool_name(pool, pools)


def _read_pool_name(part: Part, pools: Collection[str]) -> str | None:
    name = part.text("the name of a pool")
    if name is not None and name not in pools:
        part.wrong(f"no pool is called {quoted(name)}{instead(name, pools)}")
    return name


def _read_default(part: Part | None, pools: Collection[str]) -> str | None:
    if part is None or part.value == "never":
        return None
    if not part.is_mapping:
        part.wrong("must be `never`, or `{pool: NAME}` with the name of a pool")
        return None
    entries = part.fields(("pool",))
    if not entries:
        part.wrong("names no pool; write `never`, or `{pool: NAME}` with the name of a pool")
        return None
    return _read_pool_name(entries["pool"], pools)


def _read_expectations(
    part: Part | None, pools: Collection[str], rules: Collection[Rule]
) -> tuple[Expectation, ...]:
    items = part.items("expectations") if part else []
    names = [rule.name for rule in rules]
    return tuple(_read_expectation(item, pools, names) for item in items)


def _read_expectation(part: Part, pools: Collection[str], rules: Collection[str]) -> Expectation:
    entries = part.fields(EXPECTATION_KEYS)
    if "interface" not in entries and part.is_mapping:
        part.wrong("`interface` is missing; describe one in the words of a match")
    interface, instance = read_example(entries.get("interface", part.child("interface", {})))
    pool = _read_result(part, entries, pools)
    rule = entries["rule"].text("the name of a rule") if "rule" in entries else None
    if rule is not None and rule not in rules:
        entries["rule"].wrong(f"no rule is called {quoted(rule)}{instead(rule, rules)}")
    return Expectation(int(part.path[-1]), interface, instance, pool, rule)
