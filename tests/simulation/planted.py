"""Bugs to plant, one at a time, so that it is known which mistakes a storm would find.

Each is a change of a few words in a copy of the library, which the storms then run instead. Words
that are no longer there fail loudly: the bug must be planted anew where the code went.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "layers" / "evermirror" / "python" / "evermirror"


class Bug(NamedTuple):
    """In `file`, `before` becomes `after`."""

    file: str
    before: str
    after: str


BUGS: dict[str, Bug] = {
    "busy-session-skipped": Bug(
        "engine/view.py",
        "            return self.observation.since - since <= self.limits.doubt_bound_s\n",
        "            return False\n",
    ),
    "busy-session-passed": Bug(
        "engine/walk.py",
        '        return Wait(want.network_interface_id, "the session is busy")\n',
        "        return None\n",
    ),
    "next-number-without-looking": Bug(
        "placement/capacity.py",
        "        if growth.priority(number) not in priorities and "
        "growth.session_name(number) not in names\n",
        "",
    ),
    "token-without-event": Bug(
        "tokens.py",
        "        sorted({(cause.source, cause.id) for cause in causes}),\n",
        "        [],\n",
    ),
    "confirmation-skipped": Bug(
        "engine/judge.py",
        "    if session.status != CREATED:\n        return Wait(",
        "    if False:\n        return Wait(",
    ),
    "attempt-not-raised": Bug(
        "engine/memory.py",
        "progress, attempt=progress.attempt + 1, call=None",
        "progress, attempt=progress.attempt, call=None",
    ),
    "creating-counted-as-one": Bug(
        "engine/room.py",
        "        return max(len(known), view.configured.sources_per_create)\n",
        "        return max(len(known), 1)\n",
    ),
    "renamed-into-nobodys": Bug(
        "policy/sessions.py",
        "        return self.makes_sessions and session.tags.get(POOL_TAG) in self.names\n",
        "        growth = self.growth\n"
        "        named = growth is None or growth.number_named(session.name) is not None\n"
        "        return named and self.makes_sessions and "
        "session.tags.get(POOL_TAG) in self.names\n",
    ),
    "wrong-target-mirrored": Bug(
        "placement/effect.py",
        "    if targets is not None and session.target_id not in targets:\n",
        "    if False:\n",
    ),
    "strangers-target-excludes": Bug(
        "placement/eligibility.py",
        "        for session in membership.sessions(pool)\n",
        "        for session in (*membership.sessions(pool), *membership.of_no_pool)\n",
    ),
    "one-by-one-for-good": Bug(
        "engine/learned.py",
        "                self._suspected.append(_Suspicion(where, frozenset(sources)))\n",
        '                self._learn(where, float("inf"))\n',
    ),
    "replay-waited-for": Bug(
        "engine/memory.py",
        "    if session is not None and (\n",
        "    if session is None or (\n",
    ),
    "order-by-the-clock-alone": Bug(
        "engine/view.py",
        "        return -CLOCKS_APART_S <= turned_s <= "
        "self.limits.stale_bound_s + CLOCKS_APART_S\n",
        "        return False\n",
    ),
    "looked-at-once": Bug(
        "engine/run.py",
        "        if not self._observer.outdated(ids, bound_s):\n            return observation\n",
        "        return observation\n",
    ),
    "moved-and-still-bound": Bug(
        "engine/run.py",
        "        self._board.note_moves(observation)\n",
        "",
    ),
}


class NotPlantedError(Exception):
    """The words that a bug replaces are not in the library, or more than once."""


def plant(name: str, into: Path) -> None:
    """A copy of the library under `into`, with the bug."""
    bug = BUGS[name]
    copytree(LIBRARY, into / "evermirror", ignore=ignore_patterns("__pycache__"))
    file = into / "evermirror" / bug.file
    text = file.read_text()
    if text.count(bug.before) != 1:
        problem = f"{name}: {bug.file} has these words {text.count(bug.before)} times, not once"
        raise NotPlantedError(f"{problem}:\n{bug.before}")
    file.write_text(text.replace(bug.before, bug.after))


def run(name: str, seeds: range) -> int:
    """Storms over the library with this bug; 0 if one of them finds it.

    A seed that fails without the bug as well has found something else.
    """
    with tempfile.TemporaryDirectory() as folder:
        plant(name, Path(folder))
        while seeds:
            seed = _first_failing(seeds, {"PYTHONPATH": folder})
            if seed is None:
                break
            if _first_failing(range(seed, seed + 1), {}) is None:
                print(f"{name}: found by seed {seed}")
                return 0
            print(f"seed {seed} fails without the bug as well", flush=True)
            seeds = range(seed + 1, seeds.stop)
    print(f"{name}: not found")
    return 1


def _first_failing(seeds: range, environment: dict[str, str]) -> int | None:
    """The first seed that fails; what comes first on the path is the library."""
    storms = [sys.executable, "-m", "tests.simulation", "--until-found"]
    which = ["--seeds", str(len(seeds)), "--first-seed", str(seeds.start)]
    done = subprocess.run(
        [*storms, *which], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    print(done.stdout, done.stderr, sep="", end="", flush=True)
    found = re.search(r"^seed (\d+);", done.stdout, re.MULTILINE)
    return None if found is None else int(found[1])
