"""A call is answered, refused or unknown; sockets that fail show each of the three."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from evermirror.aliyun.rpc import Answer, Product, Rpc, retry_after_s
from evermirror.errors import StopError
from evermirror.results import (
    AbsentError,
    Answered,
    Kind,
    ReadError,
    Refused,
    Unknown,
)

VPC = Product("vpc", "2016-04-28")
ADD = "AddSourcesToTrafficMirrorSession"
LIST = "ListTrafficMirrorSessions"
OK = {"RequestId": "87F70089-0000-1111-2222-0B55E2F8DC57"}
RpcTo = Callable[..., Rpc]


def error(code: str, message: str = "No.") -> dict[str, str]:
    return {"RequestId": "R", "HostId": "vpc.example", "Code": code, "Message": message}


def call(rpc: Rpc, action: str = ADD) -> Answered[Answer] | Refused | Unknown:
    return rpc.call(VPC, action, {"ClientToken": "t"}, Answer)


def test_a_call_goes_out_as_the_official_client_sends_it(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, OK))
    parameters = {"TrafficMirrorSourceIds.1": "eni-1", "Tags.1.Key": "a b+/~*'()&=值"}

    answer = rpc_to(server.url).call(VPC, ADD, parameters, Answer)

    (seen,) = server.seen
    assert isinstance(answer, Answered)
    assert answer.body.request_id == OK["RequestId"]
    assert (seen.method, seen.path, seen.body) == ("POST", "/", b"")
    assert seen.headers["content-length"] == "0"
    assert seen.query == {"RegionId": "cn-hongkong", **parameters}
    assert seen.headers["x-acs-action"] == ADD
    assert seen.headers["x-acs-version"] == "2016-04-28"
    assert seen.headers["x-acs-date"] == "2026-01-01T00:00:00Z"
    assert seen.headers["x-acs-security-token"] == "local-security-token"
    assert seen.headers["x-acs-content-sha256"] == hashlib.sha256(b"").hexdigest()
    assert seen.headers["authorization"].startswith(
        "ACS3-HMAC-SHA256 Credential=local-access-key-id,SignedHeaders=host;x-acs-accesskey-id;"
    )


def test_every_call_is_drawn_from_the_budget(
    rpc_to: RpcTo, loopbacks: Any, spent: list[float]
) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, OK))
    rpc = rpc_to(server.url)
    before = len(spent)

    call(rpc)
    call(rpc)

    assert len(spent) - before == 2


def test_a_definite_no_is_a_refusal(rpc_to: RpcTo, loopbacks: Any) -> None:
    code = "IncorrectStatus.TrafficMirrorSession"
    server = loopbacks.start().will(loopbacks.answer(400, error(code, "Busy.")))

    answer = call(rpc_to(server.url))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.kind, answer.message) == (code, Kind.WAIT, "Busy.")
    assert (answer.request_id, answer.known, answer.retry_after_s) == ("R", True, None)


def test_a_throttle_says_when_to_come_back(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(429, error("Throttling"), {"x-acs-retry-after": "500"})
    )

    answer = call(rpc_to(server.url))

    assert isinstance(answer, Refused)
    assert (answer.kind, answer.retry_after_s) == (Kind.WAIT, 0.5)


def test_a_signature_error_keeps_nothing_of_what_was_signed(rpc_to: RpcTo, loopbacks: Any) -> None:
    echo = "Specified signature is not matched; server string to sign is: local-access-key-id"
    server = loopbacks.start().will(loopbacks.answer(400, error("SignatureDoesNotMatch", echo)))

    assert "local-access-key-id" not in repr(call(rpc_to(server.url)))


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (503, error("ServiceUnavailable"), "server_error"),
        (502, b"<html>", "server_error"),
        (200, b"not json", "unreadable_answer"),
        (200, b"", "unreadable_answer"),
        (200, b"\xff\xfe", "unreadable_answer"),
        (200, b"[" * 100_000, "unreadable_answer"),
        (200, ["RequestId"], "unreadable_answer"),
        (200, {"Message": "a body of something in between"}, "unreadable_answer"),
        (400, b"<html>", "unreadable_answer"),
        (400, [error("Throttling")], "unreadable_answer"),
        (400, {"Message": "no code"}, "unreadable_answer"),
        (400, {"Code": ""}, "unreadable_answer"),
        (400, {"Code": None}, "unreadable_answer"),
        (302, OK, "unexpected_status"),
    ],
)
def test_an_answer_that_says_nothing_plainly_leaves_the_outcome_unknown(
    rpc_to: RpcTo, loopbacks: Any, status: int, body: object, reason: str
) -> None:
    server = loopbacks.start().will(loopbacks.answer(status, body))

    assert call(rpc_to(server.url)) == Unknown(reason)


def test_an_unknown_outcome_can_carry_the_services_hint(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(503, error("ServiceUnavailable"), {"x-acs-retry-after": "2000"})
    )

    assert call(rpc_to(server.url)) == Unknown("server_error", 2.0)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("reset", "cut_short"), ("hang_up", "cut_short"), ("stall", "timed_out")],
)
def test_a_lost_answer_leaves_the_outcome_unknown(
    rpc_to: RpcTo, loopbacks: Any, behaviour: str, reason: str
) -> None:
    server = loopbacks.start().will(getattr(loopbacks, behaviour))

    assert call(rpc_to(server.url)) == Unknown(reason)


@pytest.mark.parametrize("cut", [1, 20])
def test_a_truncated_answer_leaves_the_outcome_unknown(
    rpc_to: RpcTo, loopbacks: Any, cut: int
) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, OK, cut=cut))

    assert call(rpc_to(server.url)) == Unknown("cut_short")


def test_an_answer_cut_where_nobody_said_its_length_is_unreadable(
    rpc_to: RpcTo, loopbacks: Any
) -> None:
    def behave(connection: Any, _closing: object) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b'{"RequestId": "R"')

    server = loopbacks.start().will(behave)

    assert call(rpc_to(server.url)) == Unknown("unreadable_answer")


def test_a_broken_compression_leaves_the_outcome_unknown(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(200, b"not gzip at all", {"Content-Encoding": "gzip"})
    )

    assert call(rpc_to(server.url)) == Unknown("cut_short")


def test_a_compressed_answer_is_read(rpc_to: RpcTo, loopbacks: Any) -> None:
    packed = gzip.compress(json.dumps(OK).encode())
    server = loopbacks.start().will(loopbacks.answer(200, packed, {"Content-Encoding": "gzip"}))

    assert isinstance(call(rpc_to(server.url)), Answered)


def test_nobody_listening_leaves_the_outcome_unknown(rpc_to: RpcTo, refused_url: str) -> None:
    assert call(rpc_to(refused_url)) == Unknown("connection_failed")


def test_an_answer_that_drips_is_not_waited_for_forever(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.drip)
    seconds = itertools.count(0, 6)

    answer = call(rpc_to(server.url, answering_clock=lambda: float(next(seconds))))

    assert answer == Unknown("timed_out")


def test_reading_returns_the_whole_answer(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, OK))

    assert rpc_to(server.url).read(VPC, LIST, {}, Answer).request_id == OK["RequestId"]


def test_reading_what_is_throttled_fails_for_now(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(400, error("Throttling.User"), {"x-acs-retry-after": "250"})
    )

    with pytest.raises(ReadError) as caught:
        rpc_to(server.url).read(VPC, LIST, {}, Answer)

    assert (caught.value.reason, caught.value.retry_after_s) == ("Throttling.User", 0.25)


def test_reading_what_does_not_come_back_fails_for_now(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.reset)

    with pytest.raises(ReadError, match="cut_short"):
        rpc_to(server.url).read(VPC, LIST, {}, Answer)


@pytest.mark.parametrize("code", ["Forbidden.RAM", "OptInRequired.TrafficMirror", "Brand.New"])
def test_reading_what_nobody_may_read_stops(rpc_to: RpcTo, loopbacks: Any, code: str) -> None:
    server = loopbacks.start().will(loopbacks.answer(403, error(code)))

    with pytest.raises(StopError) as caught:
        rpc_to(server.url).read(VPC, LIST, {}, Answer)

    assert caught.value.code == code
    assert caught.value.remedy


def test_reading_what_is_not_there_says_so(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(404, error("InvalidEniId.NotFound")))

    with pytest.raises(AbsentError, match=r"InvalidEniId\.NotFound"):
        rpc_to(server.url).read(VPC, LIST, {}, Answer)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("500", 0.5),
        ("0", 0.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("1e3", None),
        ("²", None),
        ("9" * 10, None),
    ],
)
def test_the_throttle_hint_is_in_milliseconds(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header) == seconds


class Flood(httpx.SyncByteStream):
    """More than anybody should hold in memory."""

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 1024 * 1024


def test_an_endless_answer_is_not_kept_in_memory(rpc_to: RpcTo) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, stream=Flood()))

    with httpx.Client(transport=transport) as flooded:
        assert call(rpc_to("http://127.0.0.1:1", flooded)) == Unknown("too_long")
