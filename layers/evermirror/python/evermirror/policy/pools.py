"""Reads pools: their sessions by id, by what they look like, or by how more of them are made.

What two pools both claim is refused here, because nobody could say whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from evermirror.policy.matching import read_match
from evermirror.policy.reading import Part, quoted
from evermirror.policy.sessions import Discovery, Growth, Pool
from evermirror.policy.vocabulary import LOAD_BALANCER, SESSION

PIN_KEYS = ("targets", "filter", "directions", "was")
POOL_KEYS = ("sessions", "discover", *PIN_KEYS, "sensors", "grow")
WAYS_TO_SESSIONS = ("sessions", "discover", "grow")


def read_pools(document: Part, part: Part | None) -> dict[str, Pool]:
    """Read all pools of a policy."""
    if part is None:
        if document.is_mapping:
            document.wrong("`pools` is missing; it names the sessions to mirror to")
        return {}
    entries = part.entries("a mapping of pool names to pools")
    owners: dict[str, str] = {}
    pools = {name: _read_pool(name, entry, owners) for name, entry in entries.items()}
    _refuse_shared_priorities(entries, pools)
    return pools


def _read_pool(name: str, part: Part, owners: dict[str, str]) -> Pool:
    part.key.name("the name of a pool")
    entries = part.fields(POOL_KEYS)
    if part.is_mapping and not entries.keys() & set(WAYS_TO_SESSIONS):
        part.wrong(
            "`sessions` is missing; list the ids of the pool's sessions, or say how to find them "
            "(`discover`) or to make them (`grow`)"
        )
    sessions = entries.get("sessions")
    session_ids = [
        session
        for item in (sessions.one_or_more("the pool's sessions") if sessions else ())
        if (session := _read_session(item, name, owners))
    ]
    discovery = _read_discovery(entries.get("discover"))
    growth = _read_growth(name, entries.get("grow"))
    sensors = read_match(entries["sensors"]) if "sensors" in entries else None
    pool = Pool(name, tuple(sorted(session_ids)), sensors, discovery, growth)
    pool = _with_pins(pool, {key: entries[key] for key in PIN_KEYS if key in entries})
    if "sensors" not in entries:
        _refuse_unknown_sensors(part, pool)
    return pool


def _read_discovery(part: Part | None) -> Discovery | None:
    if part is None:
        return None
    # A cold start pays only for what its policy says.
    from evermirror.policy.discovering import read_discovery  # noqa: PLC0415

    return read_discovery(part)


def _read_growth(pool: str, part: Part | None) -> Growth | None:
    if part is None:
        return None
    from evermirror.policy.growing import read_growth  # noqa: PLC0415 - as above

    return read_growth(pool, part)


def _with_pins(pool: Pool, entries: Mapping[str, Part]) -> Pool:
    if not entries:
        return pool
    from evermirror.policy.pinning import with_pins  # noqa: PLC0415 - as above

    return with_pins(pool, entries)


def _read_session(part: Part, pool: str, owners: dict[str, str]) -> str | None:
    session = SESSION.read(part)
    if session in owners:
        part.wrong(f"{session} is already a session of pool {quoted(owners[session])}")
        return None
    if session is not None:
        owners[session] = pool
    return session


def _refuse_unknown_sensors(part: Part, pool: Pool) -> None:
    """Nobody refuses to mirror what stands behind a load balancer, so it must be named."""
    balancer = next((one for one in sorted(pool.named_targets) if LOAD_BALANCER.fits(one)), None)
    if balancer is not None:
        part.wrong(
            f"`sensors` is missing: the pool mirrors to the load balancer {balancer}, and what "
            "stands behind it must be named, or mirrored traffic is mirrored again"
        )


def _refuse_shared_priorities(entries: Mapping[str, Part], pools: Mapping[str, Pool]) -> None:
    """A priority is what makes a grown session unique, so two pools never share one."""
    growing = [(name, pool.growth) for name, pool in pools.items() if pool.growth is not None]
    for (other, theirs), (name, ours) in combinations(growing, 2):
        low = max(ours.first_priority, theirs.first_priority)
        high = min(ours.last_priority, theirs.last_priority)
        if low <= high:
            entries[name].child("grow", None).child("priorities", None).wrong(
                f"share {low} to {high} with pool {quoted(other)}; a priority is unique in a "
                "region, so give each pool that grows a range of its own"
            )
