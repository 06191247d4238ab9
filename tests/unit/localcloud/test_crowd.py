"""Whatever several clients do at once, no rule of the service is ever broken.

A seed that fails is in the test's output; `Crowd(seed)` runs it again.
"""

from __future__ import annotations

import http.client
import itertools
import json
import random
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from localcloud.calls import flat, signed_call
from localcloud.testing import ServedCloud, serving
from tests.unit.localcloud.crowd.book import Book
from tests.unit.localcloud.crowd.calls import Draw
from tests.unit.localcloud.crowd.crowd import Crowd
from tests.unit.localcloud.crowd.fleet import LIMITS, fleet_of

STEPS = 150
SEEDS = [range(first, first + 10) for first in range(1, 41, 10)]
MANY = [range(first, first + 100) for first in range(1001, 3001, 100)]
# What has to happen now and then, or the test would prove nothing.
HAPPENING = {
    "replayed",
    "DryRunOperation",
    "Forbidden.RAM",
    "IncorrectStatus.TrafficMirrorSession",
    "OperationDenied.DuplicateRole",
    "QuotaExceeded.SourceNumPerSession",
    "QuotaExceeded.SourceNumPerTarget",
    "CreateTrafficMirrorSession",
    "UpdateTrafficMirrorSessionAttribute",
    "DeleteTrafficMirrorSession",
    "DeleteTrafficMirrorFilter",
}


@pytest.mark.parametrize(
    "seeds",
    [
        *SEEDS,
        *(pytest.param(one, marks=[pytest.mark.prove, pytest.mark.timeout(300)]) for one in MANY),
    ],
    ids=lambda seeds: f"from {seeds[0]}",
)
def test_no_crowd_breaks_a_rule_of_the_service(seeds: Sequence[int]) -> None:
    happened: set[str] = set()
    for seed in seeds:
        print(f"seed {seed}", end=" ")
        crowd = Crowd(seed)
        for _ in range(STEPS):
            crowd.step()
        happened |= crowd.counts.keys()

    assert happened >= HAPPENING


def test_the_same_seed_is_the_same_crowd() -> None:
    crowds = [Crowd(7), Crowd(7)]
    for crowd in crowds:
        for _ in range(STEPS):
            crowd.step()

    journals = [[one.to_wire() for one in crowd.cloud.journal.entries] for crowd in crowds]
    assert journals[0] == journals[1]


# The same over real HTTP, where nobody knows who comes first.

CLIENTS, CALLS = 4, 60
Heard = tuple[str, Mapping[str, str], str, str]


def client(cloud: ServedCloud, book: Book, number: int) -> list[Heard]:
    """Calls with tokens that others use as well; what came of those that were accepted."""
    draw = Draw(book, random.Random(number))
    heard: list[Heard] = []
    chosen = random.Random(number)
    connection = http.client.HTTPConnection(cloud.address, timeout=30)
    for call in range(CALLS):
        action, parameters = draw.call()
        token = f"token-{chosen.randrange(12)}"
        now = time.time()  # noqa: TID251 - signatures are dated by real time
        sent = {**parameters, "ClientToken": token}
        request = signed_call(action, sent, now, f"{number}-{call}")
        connection.request(request.method, request.target, headers=dict(request.headers))
        response = connection.getresponse()
        body = json.loads(response.read())
        assert response.status < 500
        if response.status == 200:
            heard.append((action, flat(parameters), token, body["RequestId"]))
    connection.close()
    return heard


def test_clients_that_call_at_the_same_time_break_no_rule_either() -> None:
    fleet = fleet_of(random.Random(1)) | {"behaviour": {}}
    with serving(fleet) as cloud, ThreadPoolExecutor(CLIENTS) as threads:
        for first in range(0, 4 * CLIENTS, CLIENTS):
            book = Book(cloud.state())
            numbers = range(first, first + CLIENTS)
            heard = list(threads.map(client, [cloud] * CLIENTS, [book] * CLIENTS, numbers))
            accepted = list(itertools.chain(*heard))
            assert_one_effect_for_a_token(accepted)
            assert_one_change_at_a_time(cloud)
            cloud.advance(3)
            assert not list(Book(cloud.state()).broken(LIMITS))
        assert len(cloud.journal()) >= CLIENTS * CALLS


def assert_one_effect_for_a_token(accepted: Sequence[Heard]) -> None:
    by_token: dict[tuple[str, str], set[str]] = {}
    for action, parameters, token, request_id in accepted:
        said = json.dumps([sorted(parameters.items()), request_id])
        by_token.setdefault((action, token), set()).add(said)
    assert by_token
    assert all(len(said) == 1 for said in by_token.values())


def assert_one_change_at_a_time(cloud: ServedCloud) -> None:
    """No session accepts two calls at one moment; a repeated answer was accepted before."""
    accepted: dict[str, tuple[float, str]] = {}
    for entry in cloud.journal():
        session = entry["parameters"].get("TrafficMirrorSessionId")
        if entry["status"] == 200 and session is not None:
            accepted.setdefault(entry["request_id"], (entry["t"], session))
    assert accepted
    assert len(set(accepted.values())) == len(accepted)
