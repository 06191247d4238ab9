"""How a plan looks to people: the verdict first, then what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from commandline.planning.seen import SAFEGUARDS
from commandline.tables import Cell, say, show
from evermirror.engine.reasons import (
    FILTER_ACCEPTS_NOTHING,
    SESSION_DISABLED,
    SESSION_LOCKED,
    SESSION_NOT_CREATED,
)

COLOURS = {"fits": "green", "gaps": "red", "unknown": "red"}
VERDICTS = {
    "fits": "everything that the policy wants has a seat",
    "gaps": "not everything that the policy wants can be mirrored",
    "unknown": "it cannot be said whether everything fits",
}
CHANGES = {
    "become_wanted": "become wanted",
    "change_pool": "change pool",
    "stop_being_wanted": "stop being wanted",
}
NO_SEAT = (
    "pool {pool}: without a seat: {missing_seats} interfaces; missing: {missing_sessions} "
    "sessions, {missing_targets} targets for them"
)
GROWN = (
    "pool {pool}: {grown_seats} interfaces go to {grown_sessions} sessions that it makes, if the "
    "stack allows growth"
)
UNDECIDED = "their instance cannot be seen"
IDLE = {
    SESSION_DISABLED: "is switched off: enable it",
    SESSION_LOCKED: "is locked: settle the account's bill",
    FILTER_ACCEPTS_NOTHING: "has a filter without a rule that accepts traffic: add one",
    SESSION_NOT_CREATED: "is being deleted: nothing to do",
}
SHOWN = 3


def show_plan(told: Mapping[str, Any], paper: Console) -> None:
    """Print a plan as `to_wire` tells it."""
    because = f" ({told['unknown']})" if told["unknown"] else ""
    say(Text(f"plan: {VERDICTS[told['status']]}{because}", COLOURS[told["status"]]), paper)
    if "read" not in told:
        say(f"  → {told['remedy']}", paper)
        return
    read = told["read"]
    say(
        f"{told['region']}: interfaces: {read['network_interfaces']}, attached: "
        f"{read['attached']}, sessions: {read['sessions']}",
        paper,
    )
    _show_changes(told, paper)
    _show_rules(told, paper)
    _show_pools(told, paper)
    for sentence in _sentences(told):
        say(f"  → {sentence}", paper)


def _show_changes(told: Mapping[str, Any], paper: Console) -> None:
    if told["current"]["policy_digest"] == told["policy"]["policy_digest"]:
        return
    rows = [
        (words, str(len(told["changes"][kind])), _some(told["changes"][kind]))
        for kind, words in CHANGES.items()
    ]
    show(("change", "interfaces", "which"), rows, paper)


def _some(changes: Sequence[Mapping[str, Any]]) -> str:
    shown = ", ".join(
        f"{one['network_interface_id']} ({one['from'] or 'never'} to {one['to'] or 'never'})"
        for one in changes[:SHOWN]
    )
    more = len(changes) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _show_rules(told: Mapping[str, Any], paper: Console) -> None:
    rows: list[Sequence[Cell]] = [
        (rule["name"], rule["pool"] or "never", str(rule["decides"])) for rule in told["rules"]
    ]
    default = told["default"]
    rows.append((Text("default", "dim"), default["pool"] or "never", str(default["decides"])))
    rows += [
        (Text(SAFEGUARDS[reason], "dim"), "never", str(number))
        for reason, number in told["excluded"].items()
        if reason in SAFEGUARDS
    ]
    if told["undecided"]:
        rows.append((Text(UNDECIDED, "dim"), "unknown", str(told["undecided"])))
    show(("rule", "goes to", "decides"), rows, paper)


POOL_COLUMNS = {
    "pool": "pool",
    "wanted": "wanted",
    "mirrored": "mirrored",
    "ineffective": "to no effect",
    "sessions": "sessions",
    "free_seats": "free seats",
    "grown_sessions": "would make",
    "missing_seats": "missing seats",
    "missing_sessions": "missing sessions",
    "missing_targets": "missing targets",
    "cny_a_month": "CNY a month",
}


def _show_pools(told: Mapping[str, Any], paper: Console) -> None:
    rows = [[_cell(key, pool) for key in POOL_COLUMNS] for pool in told["pools"]]
    show(tuple(POOL_COLUMNS.values()), rows, paper)


def _cell(key: str, pool: Mapping[str, Any]) -> Cell:
    value = pool[key]
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, str):
        return value
    number = value if isinstance(value, int) else len(value)
    is_gap = number > 0 and (key == "ineffective" or key.startswith("missing"))
    return Text(str(number), "red" if is_gap else "")


def _sentences(told: Mapping[str, Any]) -> Iterator[str]:
    if told["remedy"]:
        yield told["remedy"]
    for warning in told["warnings"]:
        place = f"{warning['key']}: " if warning["key"] else ""
        yield f"{place}{warning['sentence']}"
    yield from _of_gaps(told)
    if told["verification"] is not None:
        yield from _of_verification(told["verification"])
    price = told["price"]
    yield (
        f"price of a month: CNY {price['cny_a_month_now']:,.2f} now, CNY "
        f"{price['cny_a_month_after']:,.2f} with what would be added ("
        f"{price['cny_a_source_hour']} a source and hour, {price['hours_a_month']} hours)"
    )
    yield from price["notes"]


def _of_gaps(told: Mapping[str, Any]) -> Iterator[str]:
    for pool in told["pools"]:
        yield from _of_idle_sessions(pool)
        if pool["missing_seats"]:
            yield NO_SEAT.format_map(pool)
        if pool["grown_sessions"]:
            yield GROWN.format_map(pool)
        if pool["at_session_quota"]:
            yield (
                f"pool {pool['pool']}: interfaces that are in as many sessions as one may be in: "
                f"{len(pool['at_session_quota'])}, such as {pool['at_session_quota'][0]}"
            )
    if told["over_ceiling"]:
        yield f"EVERMIRROR_MAX_SOURCES leaves out {told['over_ceiling']} of what would be added"
    stopping = told["changes"]["stop_being_wanted"]
    if any(one["sessions"] for one in stopping):
        yield (
            "what is no longer wanted stays a source of its session, and goes on costing, until it "
            "is removed there"
        )


def _of_idle_sessions(pool: Mapping[str, Any]) -> Iterator[str]:
    by_session = Counter((one["session_id"], one["reason"]) for one in pool["ineffective"])
    for (session_id, reason), number in sorted(by_session.items()):
        yield (
            f"pool {pool['pool']}: interfaces that are in {session_id}, or go to it, and are not "
            f"mirrored there: {number}; it {IDLE[reason]}"
        )


def _of_verification(told: Mapping[str, Any]) -> Iterator[str]:
    later = f", {told['not_asked']} not asked" if told["not_asked"] else ""
    silent = f", {len(told['unanswered'])} unanswered" if told["unanswered"] else ""
    yield f"dry runs: {told['passed']} of {told['asked']} passed{silent}{later}"
    for one in [*told["refused"], *told["unanswered"]]:
        remedy = f" {one['remedy']}" if one["remedy"] else ""
        yield f"{one['network_interface_id']}: {one['code']}: {one['message']}{remedy}"
