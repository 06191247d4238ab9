"""What every run of mirror and of the sweep was asked, what it answered, and whether that was so.

An answer counts once the run has ended well: before that the platform asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from evermirror.model import Intent
from localcloud.world.world import World

from .deferrals import untrue
from .editions import Edition
from .findings import Finding
from .people import People
from .policies import Deployment
from .scene import Scene
from .scheduler import Scheduler
from .sights import History, Sight
from .truth import POINTED_ELSEWHERE, flaw, holds

COVERED = frozenset({"mirrored", "already_mirrored", "healed"})
LONGEST_STALE_S = 15.0
DETACHING_S = 5.0

Asked = tuple[str, str, str]
"""Source and id of a cause, and the interface, instance or session that it is about."""

Told = Mapping[str, Any]


@dataclass(slots=True)
class Answers:
    """Of a whole storm. `asked` is everything that ever reached mirror, answered or not."""

    world: World
    scheduler: Scheduler
    people: People
    history: History
    scene: Scene
    asked: set[Asked] = field(default_factory=set)
    outcomes: list[Told] = field(default_factory=list)
    sweeps: list[tuple[Sight, Told]] = field(default_factory=list)
    broken: list[Finding] = field(default_factory=list)

    @contextmanager
    def of(
        self, intents: Iterable[Intent], deployment: Deployment
    ) -> Iterator[Callable[[Any], None]]:
        """A run of mirror by a deployment, from its beginning to what it answers."""
        started = self.scheduler.now()
        wanted = list(intents)
        self.asked.update((one.cause.source, one.cause.id, _subject(one)) for one in wanted)
        dry = {(one.cause.source, one.cause.id) for one in wanted if one.dry_run}

        def heard(answer: Any) -> None:
            self.history.note(self.scheduler.now())
            self.outcomes.extend(answer["outcomes"])
            self._hold(answer["outcomes"], started, deployment.edition)
            acted = [one for one in answer["outcomes"] if _cause(one) not in dry]
            self.broken += untrue(acted, deployment, self.history, started, self.scene)

        yield heard

    def sweeps_from_now(self) -> Sight:
        return self.history.see(self.scheduler.now())

    def swept(self, sight: Sight, told: Any) -> None:
        self.sweeps.append((sight, told))

    def _hold(self, outcomes: Any, started: float, edition: Edition) -> None:
        """Whoever is told that an interface is mirrored must find it so, or somebody undid it."""
        since = started - LONGEST_STALE_S
        for one in outcomes:
            source, session_id = one["network_interface_id"], one["session_id"]
            if one["outcome"] not in COVERED or source in self.people.left:
                continue
            undone_at = max(
                self.people.undone_at.get((session_id, source), 0.0),
                # It takes a while, and a session may drop the source only then.
                self.people.left_at.get(source or "", -DETACHING_S) + DETACHING_S,
            )
            known_at = max(since, _heard_of(one))
            if undone_at <= known_at and not self._is_so(session_id, source):
                sentence = f"{source or 'switched on'} was told of {session_id}, and is not so"
                self.broken.append(Finding("untrue", sentence))
            if source is not None and (why := self._flaw_all_along(session_id, since, edition)):
                sentence = f"{source} was told {one['outcome']} in {session_id}: {why}"
                self.broken.append(Finding("to_no_effect", sentence))

    def _flaw_all_along(self, session_id: str, since: float, edition: Edition) -> str | None:
        """What kept the session from mirroring all the while, and its own attributes show."""
        why = None
        for sight in self.history.since(since):
            session = sight.sessions.get(session_id)
            if session is None:
                return None
            pools = [pool for pool in edition.pools if holds(pool, session)]
            found = [flaw(pool, session, sight) for pool in pools]
            if not found or any(one not in POINTED_ELSEWHERE for one in found):
                return None
            why = found[0]
        return why

    def _is_so(self, session_id: str, source: str | None) -> bool:
        """Whether the session holds the source, or, if that is None, whether it is enabled."""
        session = self.world.sessions.find(session_id)
        if session is None:
            return False
        return session.enabled if source is None else source in session.sources


def _cause(outcome: Told) -> tuple[str, str]:
    return outcome["cause"]["source"], outcome["cause"]["id"]


def _subject(intent: Intent) -> str:
    return intent.network_interface_id or intent.instance_id or intent.session_id or ""


def _heard_of(outcome: Told) -> float:
    """Until when a heal knows what was undone: of its own record's deed it can be in no doubt."""
    tampering = outcome.get("tampering")
    if outcome["outcome"] != "healed" or tampering is None or tampering["at"] is None:
        return 0.0
    # A record's time is cut to the second.
    return datetime.fromisoformat(tampering["at"].replace("Z", "+00:00")).timestamp() + 0.999
