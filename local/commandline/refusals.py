"""Finds out by dry runs which gaps the service refuses for good, as the sweep does by mirror."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from commandline.connecting import Connection
from evermirror.coverage import Coverage, Known, never_because
from evermirror.explanation import explain_all
from evermirror.fleet import Fleet
from evermirror.results import About, Accepted, Kind, Refused, Unknown

MOST = 200
"""Dry runs of one command: one call an interface."""


def known_by_dry_runs(connection: Connection, fleet: Fleet, found: Coverage) -> Known:
    """What the service says of the oldest gaps, until it says that it is too much.

    Raises ReadError where the instances of those that it refuses cannot be read.
    """
    takes: dict[str, bool] = {}
    impossible: dict[str, str] = {}
    explained = explain_all(
        connection.policy, fleet, connection.where.settings.limits, found.missing[:MOST]
    )
    for one in explained:
        if one.next_session is None:
            continue
        answer = dry_run(connection, one.next_session, one.interface.id)
        if isinstance(answer, Unknown) or _ends_all(answer):
            break
        takes[one.interface.id] = isinstance(answer, Accepted)
        reason = never_because(answer.means) if isinstance(answer, Refused) else None
        if reason is not None:
            impossible[one.interface.id] = reason
    return Known(
        impossible=impossible, families=_families(connection, fleet, impossible), takes=takes
    )


def dry_run(
    connection: Connection, session_id: str, network_interface_id: str
) -> Accepted | Refused | Unknown:
    """What the service says to the interface in this session; nothing is changed."""
    token = f"verify-{uuid.uuid4().hex}"
    return connection.vpc.add_sources(session_id, [network_interface_id], token, dry_run=True)


def _ends_all(answer: Accepted | Refused) -> bool:
    if isinstance(answer, Accepted):
        return False
    overload = answer.kind is Kind.WAIT and answer.about is About.SERVICE
    return overload or answer.kind is Kind.STOP


def _families(
    connection: Connection, fleet: Fleet, impossible: Mapping[str, str]
) -> dict[str, str]:
    where = {one.id: one.instance_id for one in fleet.interfaces if one.id in impossible}
    instances, _ = connection.reader.read_instances(filter(None, where.values()))
    return {
        one: instances[instance_id].family
        for one, instance_id in where.items()
        if instance_id in instances
    }
