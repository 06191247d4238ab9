"""How a plan looks to people: the verdict first, then what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from commandline.tables import Cell, say, show
from evermirror.policy.reading import quoted
from evermirror.reasons import (
    GROWTH_NOT_ALLOWED,
    MENDING,
    NO_SESSION_MIRRORS,
    SAFEGUARDS,
    SESSIONS_NOT_LISTED,
    WHY,
    excluding_families,
    remedy_for,
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
UNDECIDED = "their instance cannot be seen"
SHOWN = 3
MORE_DOES_NOT_HELP = {GROWTH_NOT_ALLOWED, NO_SESSION_MIRRORS, SESSIONS_NOT_LISTED}
"""Why a pool lacks seats, where that is to be mended and not to be bought."""


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
    for sentence in _of_families(told["unsupported_families"]):
        say(f"  → {sentence}", paper)
    _show_changes(told, paper)
    _show_rules(told, paper)
    _show_pools(told, paper)
    for sentence in _sentences(told):
        say(f"  → {sentence}", paper)


def _of_families(families: Mapping[str, int]) -> Iterator[str]:
    if families:
        counts = ", ".join(f"{number} of {family}" for family, number in families.items())
        yield f"cannot be mirrored: {counts}. {excluding_families(list(families))}"


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
        (Text(WHY[reason], "dim"), "never", str(number))
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
    "cny_a_month": "CNY, all wanted",
}
UNLESS_NONE = {"ineffective", "grown_sessions", "missing_seats"}
"""Columns that a narrow screen is spared where every pool has nothing in them."""


def _show_pools(told: Mapping[str, Any], paper: Console) -> None:
    columns = {
        key: heading
        for key, heading in POOL_COLUMNS.items()
        if key not in UNLESS_NONE or any(pool[key] for pool in told["pools"])
    }
    rows = [[_cell(key, pool) for key in columns] for pool in told["pools"]]
    show(tuple(columns.values()), rows, paper)


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
    yield _of_price(told)
    yield from told["price"]["notes"]


def _of_price(told: Mapping[str, Any]) -> str:
    price = told["price"]
    over = ", the ceiling left out of account" if told["over_ceiling"] else ""
    return (
        f"price of a month: CNY {price['cny_a_month_now']:,.2f} now, CNY "
        f"{price['cny_a_month_after']:,.2f} with what would be added and has a seat{over} ("
        f"{price['cny_a_source_hour']} a source and hour, {price['hours_a_month']} hours)"
    )


def _of_gaps(told: Mapping[str, Any]) -> Iterator[str]:
    for pool in told["pools"]:
        name = f"pool {quoted(pool['pool'])}"
        yield from _of_idle_sessions(name, pool)
        if pool["missing_seats"]:
            yield f"{name}: {_of_missing_seats(pool)}"
        if pool["grown_sessions"]:
            yield (
                f"{name}: for {_counted(pool['grown_seats'], 'interface')} it makes "
                f"{_counted(pool['grown_sessions'], 'session')}"
            )
        if pool["at_session_quota"]:
            yield (
                f"{name}: interfaces that are in as many sessions as one may be in: "
                f"{len(pool['at_session_quota'])}, such as {pool['at_session_quota'][0]}"
            )
        yield from _of_claims(name, pool)
    if told["over_ceiling"]:
        yield _of_ceiling(told)
    stopping = told["changes"]["stop_being_wanted"]
    if any(one["sessions"] for one in stopping):
        yield (
            "what is no longer wanted stays a source of its session, and goes on costing, until it "
            "is removed there"
        )


def _of_missing_seats(pool: Mapping[str, Any]) -> str:
    """More sessions or targets help only where those that are there are full."""
    without = f"without a seat: {_counted(pool['missing_seats'], 'interface')}"
    if pool["missing_because"] in MORE_DOES_NOT_HELP:
        return f"{without}; {remedy_for(pool['missing_because'])}"
    return (
        f"{without}; missing: {_counted(pool['missing_sessions'], 'session')}, "
        f"{_counted(pool['missing_targets'], 'target')} for them"
    )


def _of_claims(name: str, pool: Mapping[str, Any]) -> Iterator[str]:
    claims = pool["claimed_by_stranger"]
    if claims:
        shown = ", ".join(
            f"{one['network_interface_id']} (by {one['session_id']})" for one in claims[:SHOWN]
        )
        yield (
            f"{name}: interfaces that a session of no pool has as its target, so that none takes "
            f"them: {len(claims)}, such as {shown}; ask who owns it, or exclude them"
        )


def _of_ceiling(told: Mapping[str, Any]) -> str:
    over, added = told["over_ceiling"], told["price"]["sources_added"]
    most = told["max_sources"]
    return (
        f"EVERMIRROR_MAX_SOURCES is {most}, and with what would be added the pools would have "
        f"{_counted(most + over, 'source')}: {min(over, added)} of the {added} to add would be "
        "left out"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _of_idle_sessions(name: str, pool: Mapping[str, Any]) -> Iterator[str]:
    by_session = Counter((one["session_id"], one["reason"]) for one in pool["ineffective"])
    for (session_id, reason), number in sorted(by_session.items()):
        mending = MENDING[reason]
        yield (
            f"{name}: interfaces that are in {session_id} and are not mirrored there: {number}; "
            f"{WHY[reason]}: {mending[0].lower()}{mending[1:]}"
        )


def _of_verification(told: Mapping[str, Any]) -> Iterator[str]:
    later = f", {told['not_asked']} not asked" if told["not_asked"] else ""
    silent = f", {len(told['unanswered'])} unanswered" if told["unanswered"] else ""
    yield f"dry runs: {told['passed']} of {told['asked']} passed{silent}{later}"
    for one in [*told["refused"], *told["unanswered"]]:
        remedy = f" {one['remedy']}" if one["remedy"] else ""
        yield f"{one['network_interface_id']}: {one['code']}: {one['message']}{remedy}"
