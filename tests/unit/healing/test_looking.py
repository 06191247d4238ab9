"""When a List shows what a record tells of, however late the one and early the other may be."""

from __future__ import annotations

import pytest

from evermirror.healing.looking import believable_at
from evermirror.model import Cause, Intent, Tampering

CALLED_AT, HEARD_AT, STALE_S = 1_000.9, 1_005.0, 10.0


@pytest.mark.parametrize(
    ("recorded_at", "believable"),
    [(1_000.0, 1_011.0), (None, 1_015.0), (2_000.0, 1_015.0)],
    ids=["a time cut to the second", "no time", "a time that is still to come"],
)
def test_no_list_is_believed_that_may_be_older_than_the_call(
    recorded_at: float | None, believable: float
) -> None:
    by_whom = Tampering("mallory", "RemoveSourcesFromTrafficMirrorSession", recorded_at)
    record = Intent(Cause("acs.vpc", "1"), "eni-1", first_seen=HEARD_AT, tampering=by_whom)

    assert believable_at(record, STALE_S) == believable
    assert believable >= CALLED_AT + STALE_S
