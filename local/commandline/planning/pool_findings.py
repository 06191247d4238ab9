"""What the fleet shows of the sessions, filters and sensors that the pools of a policy have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from commandline.planning.deploying import becomes_ineffective
from commandline.planning.finding import Finding, listed
from commandline.planning.placed import Placed, instance_of
from commandline.planning.seats import idle_because
from evermirror.ids import is_network_interface_id
from evermirror.model import Filter, Session
from evermirror.placement.effect import accepts, one_direction
from evermirror.placement.placement import Placement
from evermirror.placement.snapshot import ABSENT
from evermirror.policy import Pool
from evermirror.policy.reading import quoted
from evermirror.policy.sessions import POOL_TAG
from evermirror.policy.vocabulary import LOAD_BALANCER
from evermirror.reasons import FILTER_ACCEPTS_NOTHING, WHY

_ONLY = {"ingress": "incoming", "egress": "outgoing"}


def of_pools(after: Placement, before: Placement, placed: Sequence[Placed]) -> Iterator[Finding]:
    """Pool by pool."""
    for name, pool in after.policy.pools.items():
        key = f"pools.{name}"
        absent = sorted(set(pool.session_ids) - after.snapshot.sessions.keys())
        if absent:
            yield Finding(
                "sessions_absent",
                f"{key}.sessions",
                f"{listed(absent)} cannot be seen: deleted, of another region, or not permitted",
            )
        live = after.membership.sessions(name)
        yield from _of_live_sessions(key, pool, live)
        yield from _idle(key, pool, after, before)
        yield from _untagged(key, after.membership.untagged(name))
        yield from _of_filters(key, pool, live, after)
        yield from _of_targets(key, pool, after)
        yield from _of_sensors(key, pool, after, placed)


def in_two_pools(placement: Placement) -> Iterator[Finding]:
    """Sessions that two pools have."""
    shared: dict[tuple[str, ...], list[str]] = {}
    for session in placement.snapshot.sessions.values():
        holding = set(placement.membership.owners(session))
        if len(holding) > 1:
            owners = tuple(name for name in placement.policy.pools if name in holding)
            shared.setdefault(owners, []).append(session.id)
    for owners, ids in shared.items():
        pools = " and ".join(map(quoted, owners))
        yield Finding(
            "session_in_two_pools",
            f"pools.{owners[-1]}",
            f"{listed(sorted(ids))} in pools {pools}: an interface may be mirrored twice",
        )


def _of_live_sessions(key: str, pool: Pool, live: Sequence[Session]) -> Iterator[Finding]:
    if not live:
        grows = "; the first interface makes one" if pool.growth else ""
        yield Finding("pool_empty", key, f"has no session{grows}")
    balanced = sorted(one.id for one in live if LOAD_BALANCER.fits(one.target_id))
    if balanced and pool.sensors is None:
        yield Finding(
            "sensors_missing",
            key,
            f"mirrors to a load balancer ({listed(balanced)}) and has no `sensors`; name what "
            "stands behind it, or mirrored traffic is mirrored again",
        )


def _idle(key: str, pool: Pool, after: Placement, before: Placement) -> Iterator[Finding]:
    """Those that mirror nothing now, whatever policy is deployed; of filters it is told once."""
    by_reason: dict[str, list[str]] = {}
    for session in after.membership.sessions(pool.name):
        reason = idle_because(session, after.effect(session, pool.name))
        if reason is None or reason == FILTER_ACCEPTS_NOTHING:
            continue
        if becomes_ineffective(session, pool.name, after, before) is None:
            by_reason.setdefault(reason, []).append(session.id)
    for reason, ids in sorted(by_reason.items()):
        yield Finding(
            "sessions_idle", key, f"{listed(sorted(ids))} mirror nothing ({reason}: {WHY[reason]})"
        )


def _untagged(key: str, sessions: Iterable[Session]) -> Iterator[Finding]:
    ids = sorted(session.id for session in sessions)
    if ids:
        yield Finding(
            "sessions_untagged",
            key,
            f"{listed(ids)} lost the tag {POOL_TAG}: what they list counts, and they are filled "
            "no more; give each its tag back",
        )


def _of_filters(
    key: str, pool: Pool, live: Iterable[Session], placement: Placement
) -> Iterator[Finding]:
    ids = {one.filter_id for one in live} | ({pool.growth.filter_id} if pool.growth else set())
    filters = placement.snapshot.filters
    known = [found for one in sorted(ids) if isinstance(found := filters.of(one), Filter)]
    idle = [one.id for one in known if not accepts(one, pool)]
    if idle:
        wanted = " and ".join(sorted(pool.directions))
        yield Finding(
            "filter_accepts_nothing",
            key,
            f"has no rule that accepts {f'{wanted} ' if wanted else ''}traffic in {listed(idle)}: "
            f"{'what is listed does not count as mirrored' if wanted else 'nothing is mirrored'}",
        )
    if not pool.directions:
        yield from _one_direction(key, [one.id for one in known], placement)


def _one_direction(key: str, ids: Iterable[str], placement: Placement) -> Iterator[Finding]:
    for direction, word in _ONLY.items():
        some = [one for one in ids if one_direction(one, placement.snapshot) == direction]
        if some:
            yield Finding(
                "one_direction",
                key,
                f"takes {word} packets only ({listed(some)}), so half of each conversation is not "
                f"mirrored; add rules, or say `directions: [{direction}]` if that is meant",
            )


def _of_targets(key: str, pool: Pool, placement: Placement) -> Iterator[Finding]:
    grown = [target.id for target in pool.growth.targets] if pool.growth else []
    named = sorted(pool.target_ids.difference(grown))
    for kind, place, ids in (
        ("growth_target_absent", "grow.targets", grown),
        ("target_absent", "targets", named),
    ):
        absent = [
            one
            for one in ids
            if is_network_interface_id(one) and placement.snapshot.interfaces.of(one) is ABSENT
        ]
        if absent:
            sentence = f"{listed(absent)} cannot be seen in this region"
            yield Finding(kind, f"{key}.{place}", sentence)


def _of_sensors(
    key: str, pool: Pool, placement: Placement, placed: Iterable[Placed]
) -> Iterator[Finding]:
    if pool.sensors is None or any(
        pool.sensors.matches(one.interface, instance_of(placement.snapshot, one.interface)) is True
        for one in placed
    ):
        return
    yield Finding(
        "sensors_match_nothing",
        f"{key}.sensors",
        "match no attached interface; what receives the traffic may be mirrored itself",
    )
