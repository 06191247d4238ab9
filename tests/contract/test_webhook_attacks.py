"""What strangers, and holders of the secret in bad faith, may send over HTTP: none of it acts.

Each takes the whole way through the local HTTP trigger to the function.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from commandline.assembly import Parts, attach_platform
from commandline.control import Control
from localcloud.cloud import LocalCloud
from localcloud.testing import ServedCloud, serving
from localcloud.world.fleet import read_fleet
from tests.webhooks import body, right_now, signature, signed
from tests.worlds import a_fleet, eni, instance

CONTENT = body(1)
ID = "msg_attack"


@dataclass(frozen=True)
class Attack:
    """One request, and the status that answers it."""

    status: int
    content: bytes = CONTENT
    headers: Any = None
    method: str = "POST"
    path: str = "/mirror"
    more: dict[str, str] = field(default_factory=dict)

    def sent(self, http: httpx.Client) -> httpx.Response:
        headers = signed(self.content, ID) if self.headers is None else self.headers
        pairs = [*(headers.items() if isinstance(headers, dict) else headers), *self.more.items()]
        return http.request(self.method, self.path, content=self.content, headers=pairs)


def _signed(content: bytes) -> Attack:
    """A good signature over a body that asks for something it must not get."""
    return Attack(422, content)


def _unreadable(content: bytes) -> Attack:
    return Attack(400, content)


def _without(name: str, **instead: str) -> dict[str, str]:
    headers = {key: value for key, value in signed(CONTENT, ID).items() if key != name}
    return {**headers, **{key.replace("_", "-"): value for key, value in instead.items()}}


def _entry(entry: str) -> Attack:
    return Attack(401, headers=_without("Webhook-Signature", Webhook_Signature=entry))


def _at(timestamp: str) -> Attack:
    """The time in another spelling, signed as it is spelled."""
    return Attack(401, headers=signed(CONTENT, ID, timestamp))


def _twice(name: str) -> list[tuple[str, str]]:
    headers = signed(CONTENT, ID)
    return [*headers.items(), (name, headers[name])]


def _good() -> str:
    return signature(CONTENT, ID, right_now())


def _with(**more: Any) -> bytes:
    return json.dumps({**json.loads(CONTENT), **more}).encode()


def _svix() -> dict[str, str]:
    return {key.replace("Webhook-", "svix-"): value for key, value in signed(CONTENT, ID).items()}


NESTED = 60_000
BY_THE_PLATFORM = 403
"""The trigger lets two methods through."""


def attacks() -> dict[str, Attack]:
    """Made anew for each test, as signatures are dated."""
    now = right_now()
    return {
        "signature: of version v1a": _entry(_good().replace("v1,", "v1a,")),
        "signature: of version V1": _entry(_good().replace("v1,", "V1,")),
        "signature: without its padding": _entry(_good().rstrip("=")),
        "signature: with more padding": _entry(f"{_good()}="),
        "signature: without its version": _entry(_good()[3:]),
        "signature: in url-safe Base64": _entry(f"v1,{'_-' * 21}_="),
        "signature: with a space in it": _entry(f"{_good()[:20]} {_good()[20:]}"),
        "signature: of an empty body": _entry(signature(b"", ID, now)),
        "signature: a hundred wrong ones": _entry(" ".join([f"v1,{'A' * 43}="] * 100)),
        "names of svix": Attack(401, headers=_svix()),
        "the id twice": Attack(401, headers=_twice("Webhook-Id")),
        "the time twice": Attack(401, headers=_twice("Webhook-Timestamp")),
        "the id empty": Attack(401, headers=_without("Webhook-Id", Webhook_Id="")),
        "the id with a full stop": Attack(401, headers=signed(CONTENT, "msg.1")),
        "the id with a space": Attack(401, headers=signed(CONTENT, "msg 1")),
        "time: 1e9": _at("1e9"),
        "time: in powers of ten": _at(f"{now / 1e9}e9"),
        "time: with a sign": _at(f"+{now}"),
        "time: with a leading zero": _at(f"0{now}"),
        "time: negative": _at(f"-{now}"),
        "time: with an underscore": _at(f"{str(now)[:5]}_{str(now)[5:]}"),
        "time: in hexadecimal": _at(hex(now)),
        "time: in milliseconds": _at(f"{now}000"),
        "time: zero": _at("0"),
        "time: empty": Attack(401, headers=_without("Webhook-Timestamp", Webhook_Timestamp="")),
        "time: 301 seconds ago": _at(str(now - 306)),
        "time: in 301 seconds": _at(str(now + 306)),
        "method: GET": Attack(405, method="GET"),
        "method: HEAD": Attack(BY_THE_PLATFORM, method="HEAD"),
        "method: PUT": Attack(BY_THE_PLATFORM, method="PUT"),
        "method: PATCH": Attack(BY_THE_PLATFORM, method="PATCH"),
        "method: DELETE": Attack(BY_THE_PLATFORM, method="DELETE"),
        "method: OPTIONS": Attack(BY_THE_PLATFORM, method="OPTIONS"),
        "method: overridden": Attack(
            405, method="GET", more={"X-HTTP-Method-Override": "POST", "X-Method": "POST"}
        ),
        "path: /MIRROR": Attack(404, path="/MIRROR"),
        "path: //mirror": Attack(404, path="//mirror"),
        "path: /mirror/": Attack(404, path="/mirror/"),
        "path: /mirror;x=1": Attack(404, path="/mirror;x=1"),
        "path: /mirror%0a, unsigned": Attack(401, path="/mirror%0a", headers={}),
        "path: /mirror%00": Attack(404, path="/mirror%00"),
        "path: /%2e%2e/mirror": Attack(404, path="/%2e%2e/mirror"),
        "path: /health/..%2fmirror": Attack(404, path="/health/..%2fmirror"),
        "path: /sweep": Attack(404, path="/sweep"),
        "path: rewritten by a header": Attack(
            404, path="/", more={"X-Original-URL": "/mirror", "X-Rewrite-URL": "/mirror"}
        ),
        "query: unsigned, with everything": Attack(
            401, path="/mirror?webhook-id=x&webhook-signature=v1", headers={}
        ),
        "query: another body": Attack(
            401, path=f"/mirror?body={eni(2)}", headers={"Content-Type": "application/json"}
        ),
        "body: above 64 KiB": Attack(413, b" " * 65_537),
        "body: empty": _unreadable(b""),
        "body: nested deep": _unreadable(b"[" * NESTED),
        "body: objects nested deep": _unreadable(b'{"a":' * 100 + b"1" + b"}" * 100),
        "body: a key twice": _unreadable(CONTENT[:-1] + b"," + CONTENT[1:]),
        "body: NaN": _signed(CONTENT[:-1] + b', "dry_run": NaN}'),
        "body: Infinity": _signed(CONTENT[:-1] + b', "dry_run": Infinity}'),
        "body: 60,000 digits": _signed(CONTENT[:-1] + b', "dry_run": ' + b"9" * NESTED + b"}"),
        "body: 1e999999": _signed(CONTENT[:-1] + b', "dry_run": 1e999999}'),
        "body: half a surrogate pair": _signed(_with(reason="\ud800")),
        "body: UTF-16": _unreadable(CONTENT.decode().encode("utf-16")),
        "body: two documents": _unreadable(CONTENT + CONTENT),
        "body: a list": _signed(b"[" + CONTENT + b"]"),
        "body: a text": _signed(json.dumps(CONTENT.decode()).encode()),
        "body: null": _signed(b"null"),
        "body: an event": _signed(json.dumps({"specversion": "1.0", "data": {}}).encode()),
        "body: a request to mirror": _signed(_with(request=1)),
        "body: purpose": _signed(_with(purpose="reclaim")),
        "body: session_id": _signed(_with(session_id="tms-j6c00000000000000001")),
        "body: tampering": _signed(_with(tampering={"actor": "alice", "action": "x"})),
        "body: generation": _signed(_with(generation=20)),
        "body: a cause": _signed(_with(cause={"source": "acs.vpc", "id": "forged"})),
        "body: a code": _signed(_with(mac="0" * 64)),
        "body: both kinds of ids": _signed(_with(instance_ids=[instance(1)])),
        "body: no ids": _signed(b'{"network_interface_ids": []}'),
        "body: 101 ids": _signed(json.dumps({"instance_ids": [instance(1)] * 101}).encode()),
        "body: ids with a line end": _signed(json.dumps({"instance_ids": ["i-1\n"]}).encode()),
        "body: an id in full width": _signed(
            json.dumps({"network_interface_ids": ["ｅｎｉ-j6c000000000000001"]}).encode()
        ),
        "type: text": Attack(415, headers=_without("Content-Type", Content_Type="text/plain")),
        "type: none": Attack(415, headers=_without("Content-Type")),
        "type: a form": Attack(
            415,
            headers=_without("Content-Type", Content_Type="application/x-www-form-urlencoded"),
        ),
    }


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedCloud]:
    fleet = read_fleet(a_fleet([1, 2], [1], settle_s=0.2))

    async def prepare(cloud: LocalCloud) -> None:
        await attach_platform(cloud, Parts(fleet), tmp_path_factory.mktemp("run"))

    with serving(fleet, speed=20.0, prepare=prepare) as served:
        yield served


@pytest.mark.parametrize("name", attacks())
def test_it_is_refused_as_what_it_is(cloud: ServedCloud, name: str) -> None:
    with httpx.Client(base_url=f"{cloud.endpoint}/http/webhook", timeout=30) as http:
        answer = attacks()[name].sent(http)

    assert answer.status_code == attacks()[name].status
    assert "location" not in answer.headers
    assert "Traceback" not in answer.text
    if answer.content and answer.status_code != BY_THE_PLATFORM:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.json().get("errors", [])) <= 20


def test_none_of_them_asked_mirror_for_anything(cloud: ServedCloud) -> None:
    with httpx.Client(base_url=f"{cloud.endpoint}/http/webhook", timeout=30) as http:
        for attack in attacks().values():
            attack.sent(http)

    with Control(cloud.endpoint) as control:
        assert control.wait_until_idle(40)["idle"]
        assert control.outcomes() == []
    assert cloud.journal("InvokeFunction") == []
    assert cloud.session("tms-j6c00000000000000001")["sources"] == []
