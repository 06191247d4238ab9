"""The webhook behind the local HTTP trigger, judged by the official Standard Webhooks library.

Requests take the whole way: a socket, the trigger's event, the packaged door, mirror invoked
asynchronously, sessions changed, outcomes at notify.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from commandline.assembly import WEBHOOK_SECRET, Parts, attach_platform
from commandline.control import Control
from evermirror.webhook.signature import Secrets
from localcloud.cloud import LocalCloud
from localcloud.testing import ServedCloud, serving
from localcloud.world.fleet import read_fleet
from tests.webhooks import OTHER_SECRET, body, right_now, signature, signed
from tests.worlds import a_fleet, eni, instance

Headers = dict[str, str]
Forgery = Callable[[bytes], tuple[bytes, Headers]]


@given(
    content=st.text().map(str.encode),
    key=st.binary(min_size=24, max_size=64),
    webhook_id=st.from_regex("[A-Za-z0-9_-]{1,40}", fullmatch=True),
    moment=st.integers(1, 10**10),
)
def test_whatever_the_official_library_signs_verifies(
    content: bytes, key: bytes, webhook_id: str, moment: int
) -> None:
    headers = by_the_library(content, webhook_id, moment, standardwebhooks.Webhook(key))
    secrets = Secrets([f"whsec_{base64.b64encode(key).decode()}"])

    assert secrets.verify({k.lower(): v for k, v in headers.items()}, content, moment) == webhook_id


def by_the_library(
    content: bytes, webhook_id: str, moment: int, library: standardwebhooks.Webhook | None = None
) -> Headers:
    """The headers of a request that the official library signs."""
    signer = library or standardwebhooks.Webhook(WEBHOOK_SECRET)
    when = datetime.fromtimestamp(moment, timezone.utc)
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": signer.sign(webhook_id, when, content.decode()),
    }


class Local:
    """A served product and its webhook's address."""

    def __init__(self, cloud: ServedCloud, control: Control) -> None:
        self.cloud = cloud
        self.control = control
        self.http = httpx.Client(base_url=f"{cloud.endpoint}/http/webhook", timeout=30)

    def ask(self, content: bytes, headers: Mapping[str, str] | Any) -> httpx.Response:
        return self.http.post("/mirror", content=content, headers=headers)

    def outcomes(self, webhook_id: str) -> list[dict[str, Any]]:
        """What became of a request, once nothing is under way any more."""
        assert self.control.wait_until_idle(40)["idle"]
        return [one for one in self.control.outcomes() if one["cause"]["id"] == webhook_id]

    def changes(self) -> int:
        return len(self.cloud.journal("AddSourcesToTrafficMirrorSession"))


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    fleet = read_fleet(a_fleet(list(range(1, 20)), [1, 2], settle_s=0.2))

    async def prepare(cloud: LocalCloud) -> None:
        await attach_platform(cloud, Parts(fleet), tmp_path_factory.mktemp("run"))

    with serving(fleet, speed=20.0, prepare=prepare) as cloud, Control(cloud.endpoint) as control:
        local = Local(cloud, control)
        yield local
        local.http.close()


def test_a_request_signed_by_the_official_library_is_mirrored(local: Local) -> None:
    content = body(1, reason="a new host")
    answer = local.ask(content, by_the_library(content, "msg_official", right_now()))

    assert (answer.status_code, answer.headers["content-type"]) == (202, "application/json")
    (requested,) = answer.json()["requests"]
    assert requested["network_interface_id"] == eni(1)
    assert requested["request_id"].startswith("r-")
    (outcome,) = local.outcomes("msg_official")
    assert (outcome["outcome"], outcome["network_interface_id"]) == ("mirrored", eni(1))
    assert outcome["cause"] == {"source": "evermirror.webhook", "id": "msg_official"}


def test_a_replay_gets_the_same_bytes_and_changes_nothing(local: Local) -> None:
    content = body(2)
    first = local.ask(content, signed(content, "msg_replayed"))
    told = local.outcomes("msg_replayed")
    changes = local.changes()

    replayed = [
        local.ask(content, signed(content, "msg_replayed", right_now() - n)) for n in (0, 9)
    ]

    assert [(one.status_code, one.content) for one in replayed] == [(202, first.content)] * 2
    assert local.outcomes("msg_replayed") == told
    assert [one["outcome"] for one in told] == ["mirrored"]
    assert local.changes() == changes


def test_instances_stand_for_their_interfaces(local: Local) -> None:
    content = json.dumps({"instance_ids": [instance(3), instance(4), instance(3)]}).encode()
    answer = local.ask(content, signed(content, "msg_instances"))

    asked_for = [one["instance_id"] for one in answer.json()["requests"]]
    assert asked_for == [instance(3), instance(4)]
    told = {one["network_interface_id"]: one["outcome"] for one in local.outcomes("msg_instances")}
    assert told == {eni(3): "mirrored", eni(4): "mirrored"}


def test_a_dry_run_changes_nothing(local: Local) -> None:
    changes = local.changes()
    content = body(5, dry_run=True)

    assert local.ask(content, signed(content, "msg_dry")).status_code == 202
    assert [one["outcome"] for one in local.outcomes("msg_dry")] == ["would_mirror"]
    assert local.changes() == changes


def test_duplicates_are_folded_and_the_order_is_kept(local: Local) -> None:
    content = body(9, 7, 9, 8, 7, dry_run=True)
    requests = local.ask(content, signed(content, "msg_order")).json()["requests"]

    assert [one["network_interface_id"] for one in requests] == [eni(9), eni(7), eni(8)]
    assert len({one["request_id"] for one in requests}) == 3


def test_signatures_in_two_headers_are_read_as_one_list(local: Local) -> None:
    content = body(6, dry_run=True)
    headers = signed(content, "msg_two_headers")
    good = headers.pop("Webhook-Signature")
    wrong = signature(content, "msg_two_headers", 1)
    twice = [("webhook-signature", wrong), ("webhook-signature", good)]

    assert local.ask(content, [*headers.items(), *twice]).status_code == 202


def test_a_body_that_is_not_utf_8_is_verified_as_it_was_sent(local: Local) -> None:
    content = body().replace(b"eni", b"\xff\xfe")
    answer = local.ask(content, signed(content, "msg_bytes"))

    assert (answer.status_code, answer.json()["detail"][:25]) == (400, "The body is not UTF-8 (at")


def test_a_request_that_could_not_be_passed_on_is_taken_the_next_time(local: Local) -> None:
    content = body(10)
    headers = signed(content, "msg_retried")
    fault = {"action": "InvokeFunction:mirror", "when": {"next": 1}}
    for trouble in ({"reset": "before"}, {"reset": "after"}, {"throttle": True}):
        local.cloud.set_faults([{**fault, "do": trouble}])
        answer = local.ask(content, headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30"), trouble
    local.cloud.set_faults([])

    assert local.ask(content, headers).status_code == 202
    assert [one["outcome"] for one in local.outcomes("msg_retried")] == ["mirrored"]


def _headers(content: bytes, **changes: str | None) -> tuple[bytes, Headers]:
    """A signed request whose headers were tampered with afterwards; None leaves one out."""
    headers = {**signed(content, "msg_forged"), **changes}
    return content, {name: value for name, value in headers.items() if value is not None}


def _entry(content: bytes, entry: str) -> tuple[bytes, Headers]:
    return _headers(content, **{"Webhook-Signature": entry})


def _sign(content: bytes, **how: Any) -> str:
    return signature(content, "msg_forged", right_now(), **how)


def _not_canonical(entry: str) -> str:
    """The same bytes in Base64 whose last character carries two bits that nobody reads."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return f"{entry[:-2]}{alphabet[alphabet.index(entry[-2]) ^ 1]}="


def _moved_stop(content: bytes) -> tuple[bytes, Headers]:
    """What was signed for one id and time is cut into another id, time and body."""
    now = right_now()
    entry = signature(f"{now}.".encode() + content, "msg", now - 1)
    headers = _headers(content)[1]
    taken = {"Webhook-Id": f"msg.{now - 1}", "Webhook-Timestamp": str(now)}
    return content, {**headers, **taken, "Webhook-Signature": entry}


FORGERIES: dict[str, Forgery] = {
    "no signature headers at all": lambda c: (c, {"Content-Type": "application/json"}),
    "no webhook-id": lambda c: _headers(c, **{"Webhook-Id": None}),
    "no webhook-timestamp": lambda c: _headers(c, **{"Webhook-Timestamp": None}),
    "an empty signature": lambda c: _entry(c, ""),
    "a secret that is not ours": lambda c: _entry(c, _sign(c, secret=OTHER_SECRET)),
    "a body changed after signing": lambda c: (c + b" ", _headers(c)[1]),
    "another webhook-id than was signed": lambda c: _headers(c, **{"Webhook-Id": "msg_other"}),
    "another time than was signed": lambda c: _headers(
        c, **{"Webhook-Timestamp": str(right_now() + 7)}
    ),
    "a good request, replayed after five minutes": lambda c: (
        c,
        signed(c, "msg_forged", right_now() - 310),
    ),
    "a good request, dated in the future": lambda c: (
        c,
        signed(c, "msg_forged", right_now() + 310),
    ),
    "a signature of version v2": lambda c: _entry(c, _sign(c).replace("v1,", "v2,")),
    "a signature that lost its end": lambda c: _entry(c, _sign(c)[:-5]),
    "a signature in hexadecimal": lambda c: _entry(c, f"v1,{base64.b64decode(_sign(c)[3:]).hex()}"),
    "a signature with SHA-1": lambda c: _entry(c, _sign(c, digest="sha1")),
    "a signature with SHA-512": lambda c: _entry(c, _sign(c, digest="sha512")),
    "the good signature in another spelling": lambda c: _entry(c, _not_canonical(_sign(c))),
    "a full stop moved from the time into the id": _moved_stop,
    "the time as a fraction": lambda c: (c, signed(c, "msg_forged", f"{right_now()}.0")),
    "the time in powers of ten": lambda c: (c, signed(c, "msg_forged", f"{right_now() / 1e9}e9")),
    "two ids, joined by the gateway": lambda c: (c, signed(c, "msg_forged,msg_other")),
    "an id of 129 characters": lambda c: (c, signed(c, "m" * 129)),
    "a signature over the body in Base64": lambda c: _entry(c, _sign(base64.b64encode(c))),
    "a signature over the body put another way": lambda c: _entry(
        c, _sign(json.dumps(json.loads(c), indent=1).encode())
    ),
    "GitHub's header instead": lambda c: (
        c,
        {
            **_headers(c, **{"Webhook-Signature": None})[1],
            "X-Hub-Signature-256": "sha256=" + "0" * 64,
        },
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_or_late_request_is_refused(local: Local, name: str) -> None:
    content, headers = FORGERIES[name](body(19))
    answer = local.ask(content, headers)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:evermirror:problem:unauthorized"


def test_nothing_came_of_all_the_forgeries(local: Local) -> None:
    for forge in FORGERIES.values():
        content, headers = forge(body(19))
        local.ask(content, headers)

    assert local.outcomes("msg_forged") == []
    assert all(eni(19) not in one["sources"] for one in local.cloud.state()["sessions"])
