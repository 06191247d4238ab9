"""What is told of interfaces: read at once, explained one by one, and tried by dry runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from commandline.connecting import Connection, invoking_option
from commandline.progress import progress_on_stderr
from commandline.refusals import dry_run
from evermirror.coverage import never_because
from evermirror.explanation import Explanation, explain_all
from evermirror.fleet import Fleet, read_filters, target_instance_ids
from evermirror.ids import is_instance_id
from evermirror.model import NetworkInterface, Session
from evermirror.policy.sessions import NETWORK_INTERFACE
from evermirror.reasons import (
    INSTANCE_NOT_VISIBLE,
    INSTANCE_TYPE_NOT_SUPPORTED,
    INTERFACE_NOT_VISIBLE,
    excluding_families,
)
from evermirror.results import Accepted, Refused, Unknown

UNKNOWN = "unknown"
"""The standing of what nothing can be said about."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was asked for: by each id its interfaces, and the fleet that they are judged in."""

    interfaces: Mapping[str, tuple[NetworkInterface, ...]]
    fleet: Fleet


def explanations(
    connection: Connection, ids: Sequence[str], *, verify: bool
) -> list[dict[str, Any]]:
    """What is told of each interface, or instance's interfaces, in the order of the ids.

    Raises ReadError or StopError where the cloud could not be read.
    """
    read = _read(connection, ids)
    wanted = dict.fromkeys(one.id for found in read.interfaces.values() for one in found)
    limits = connection.where.settings.limits
    explained = {
        one.interface.id: _told(connection, one, read.fleet, verify=verify)
        for one in explain_all(connection.policy, read.fleet, limits, wanted)
    }
    return list(_in_order(connection, read, explained))


def explanation(connection: Connection, network_interface_id: str) -> dict[str, Any]:
    """The same for one interface, a dry run included."""
    return explanations(connection, [network_interface_id], verify=True)[0]


def unknown(
    resource_id: str, reason: str, remedy: str, elsewhere: Sequence[str] = ()
) -> dict[str, Any]:
    """What is told where nothing can be said; `elsewhere` are sessions that list it anyway."""
    is_instance = is_instance_id(resource_id)
    return {
        "network_interface_id": None if is_instance else resource_id,
        "instance_id": resource_id if is_instance else None,
        "standing": UNKNOWN,
        "reason": reason,
        "elsewhere": list(elsewhere),
        "remedy": remedy,
    }


def _in_order(
    connection: Connection, read: _Read, explained: Mapping[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Each interface once, where it is first named."""
    seen: set[str] = set()
    for asked, interfaces in read.interfaces.items():
        if not interfaces:
            yield _not_visible(asked, connection.where.region, read.fleet)
        for one in interfaces:
            if one.id not in seen:
                seen.add(one.id)
                yield explained[one.id]


def _not_visible(resource_id: str, region: str, fleet: Fleet) -> dict[str, Any]:
    if is_instance_id(resource_id):
        reason = INSTANCE_NOT_VISIBLE
        said = f"no interface of {resource_id} is visible in {region}: it is released, belongs"
    else:
        reason = INTERFACE_NOT_VISIBLE
        said = f"{resource_id} is not visible in {region}: it is deleted, belongs"
    sentence = (
        f"{said} to another account or region, or these credentials may not call "
        "ecs:DescribeNetworkInterfaces"
    )
    listing = sorted(s.id for s in fleet.sessions.values() if resource_id in s.source_ids)
    if listing:
        sentence += (
            f". It is still a source of {', '.join(listing)}: if it is deleted, take it out there"
        )
    return unknown(resource_id, reason, sentence, listing)


def _read(connection: Connection, ids: Sequence[str]) -> _Read:
    """All sessions and filters, and of interfaces and instances those asked for and the targets."""
    clock, ecs = connection.reader.clock, connection.ecs
    began = clock.now()
    with progress_on_stderr() as progress:
        sessions = connection.vpc.every_session(lambda n: progress("sessions", n))
        filters = read_filters(connection.filters, progress)
    of_instances = {
        one: ecs.describe_network_interfaces_of(one) for one in ids if is_instance_id(one)
    }
    named = _targets(connection, sessions).union(one for one in ids if one not in of_instances)
    by_id = {one.id: one for one in ecs.describe_network_interfaces(sorted(named))}
    asked = {one: of_instances.get(one, (by_id[one],) if one in by_id else ()) for one in ids}
    wanted = {one.id: one for found in asked.values() for one in found}
    fleet = Fleet(
        interfaces=tuple({**by_id, **wanted}.values()),
        sessions={session.id: session for session in sessions},
        filters=filters,
        interfaces_read=named,
        began=began,
    )
    on = target_instance_ids(fleet, [connection.policy]).union(
        one.instance_id for one in wanted.values() if one.instance_id
    )
    instances, read = connection.reader.read_instances(on, must=connection.policy.needs_instances)
    fleet = replace(fleet, instances=instances, instances_read=read, at=clock.now())
    return _Read(asked, fleet)


def _targets(connection: Connection, sessions: Iterable[Session]) -> frozenset[str]:
    used = (one.target_id for one in sessions if one.target_type == NETWORK_INTERFACE)
    return connection.policy.named_targets.union(filter(None, used))


def _verified(connection: Connection, found: Explanation, fleet: Fleet) -> dict[str, Any] | None:
    """What the service says to a dry run; None where there is nothing to ask it."""
    session_id = found.next_session
    if session_id is None:
        return None
    answer = dry_run(connection, session_id, found.interface.id)
    return {"session_id": session_id, **_answer(answer, _family(found, fleet))}


def _family(found: Explanation, fleet: Fleet) -> str:
    instance = fleet.instances.get(found.interface.instance_id or "")
    return "" if instance is None else instance.family


def _answer(answer: Accepted | Refused | Unknown, family: str) -> dict[str, Any]:
    if isinstance(answer, Accepted):
        return {"accepted": True, "code": None, "message": None, "remedy": None}
    if isinstance(answer, Unknown):
        return {"accepted": None, "code": answer.reason, "message": None, "remedy": "Try again."}
    reason = never_because(answer.means)
    by_family = reason == INSTANCE_TYPE_NOT_SUPPORTED and family
    told = {
        "accepted": False,
        "code": answer.code,
        "message": answer.message,
        "remedy": excluding_families([family]) if by_family else answer.remedy,
    }
    return told if reason is None else {**told, "impossible": reason}


def _told(
    connection: Connection, found: Explanation, fleet: Fleet, *, verify: bool
) -> dict[str, Any]:
    told = _plain(found, _verified(connection, found, fleet) if verify else None)
    asking = f"evermirror add {found.interface.id}"
    if asking not in told["remedy"]:
        return told
    remedy = told["remedy"].replace(asking, asking + invoking_option(connection.where))
    more = "" if verify else " Whether it would, explain --verify asks the API by a dry run."
    return {**told, "remedy": remedy + more}


def _plain(found: Explanation, answer: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "network_interface_id": found.interface.id,
        "instance_id": found.interface.instance_id,
        "status": found.interface.status,
        "standing": (answer or {}).get("impossible", found.standing),
        "rule": found.decision.rule,
        "pool": found.decision.pool,
        "because": found.because,
        "sessions": [
            {"session_id": step.session_id, "what": step.what, "why": step.why}
            for step in found.steps
        ],
        "elsewhere": list(found.elsewhere),
        "shadowed": found.shadowed,
        "target_id": found.target_id,
        "would_create_session": found.would_create_session,
        "verified": answer,
        "remedy": (answer or {}).get("remedy") or found.remedy,
    }
