"""From what an event asks for to intents: only what is ours, and only ids that can be ids."""

from __future__ import annotations

from dataclasses import replace

from evermirror import ids
from evermirror.events.kinds import Wanted
from evermirror.events.problems import InvalidEventError, Where, shown
from evermirror.events.times import first_readable
from evermirror.model import Cause, Intent, Place, Purpose

TEST_PLACEHOLDER = "test_placeholder"


def reason_against(wanted: Wanted, place: Place, where: Where) -> str | None:
    """Say whose this is if not ours; an account or a region that nobody states is ours.

    Raises InvalidEventError for an account or region that cannot be one, a masked one say.
    """
    for account in filter(None, wanted.accounts):
        if not _is_account(account):
            raise InvalidEventError(where, f"names {shown(account)} as its account")
        if str(account) != place.account_id:
            return "other_account"
    region = next(filter(None, wanted.regions), place.region)
    if not ids.is_region_id(region):
        raise InvalidEventError(where, f"names {shown(region)} as its region")
    return None if region == place.region else "other_region"


def _is_account(account: object) -> bool:
    return isinstance(account, (str, int)) and ids.is_account_id(str(account))


def names_placeholder(wanted: Wanted) -> bool:
    """Tell the ids that CloudMonitor's test button sends, such as `<resource-id>`."""
    named = (*wanted.network_interface_ids, *wanted.instance_ids)
    return any(text.startswith("<") and text.endswith(">") for text in named)


def intents(wanted: Wanted, cause: Cause, now: float) -> list[Intent]:
    """Return one intent an id; raise InvalidEventError if one of them is no id."""
    plain = Intent(cause, occurred_at=first_readable(*wanted.times), first_seen=now)
    if wanted.tampering is not None:
        plain = _heal(plain, wanted)
        if not wanted.network_interface_ids:
            return [plain]
    for named in wanted.network_interface_ids:
        if not ids.is_network_interface_id(named):
            raise InvalidEventError(wanted.where, f"is {shown(named)}, not a network interface id")
    for named in wanted.instance_ids:
        if not ids.is_instance_id(named):
            raise InvalidEventError(wanted.where, f"is {shown(named)}, not an instance id")
    return [
        *(replace(plain, network_interface_id=named) for named in wanted.network_interface_ids),
        *(replace(plain, instance_id=named) for named in wanted.instance_ids),
    ]


def _heal(plain: Intent, wanted: Wanted) -> Intent:
    """Return the look at the session, or filter, that somebody changed."""
    named, matches, kind = wanted.session_id, ids.is_session_id, "a session id"
    if named is None:
        named, matches, kind = wanted.filter_id, ids.is_filter_or_rule_id, "the id of a filter"
    if not matches(named):
        raise InvalidEventError(wanted.where, f"names {shown(named)}, which is not {kind}")
    return replace(
        plain,
        purpose=Purpose.HEAL,
        session_id=wanted.session_id,
        filter_id=wanted.filter_id,
        tampering=wanted.tampering,
    )
