"""The one table of error codes knows every documented code and what to do about it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evermirror.aliyun.refusal_table import FAMILIES, ON_READING, TABLE
from evermirror.aliyun.refusals import classify, refused
from evermirror.results import About, Kind, Meaning

DOCUMENTED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "documented_codes.json").read_text("utf-8")
)
ROOT = Path(__file__).parents[3]
TABLE_FILE = ROOT / "layers/evermirror/python/evermirror/aliyun/refusal_table.py"
READERS = sorted(
    path
    for folder in ("layers/evermirror/python/evermirror", "local/commandline", "functions")
    for path in (ROOT / folder).rglob("*.py")
    if path != TABLE_FILE
)
ADD = "AddSourcesToTrafficMirrorSession"
LIST = "ListTrafficMirrorSessions"
KINDS_OF_ADD = {
    "DuplicatedParam.SourceInstanceIds": Kind.NEVER,
    "IncorrectBusinessStatus.TrafficMirror": Kind.STOP,
    "IncorrectStatus.TrafficMirrorSession": Kind.WAIT,
    "OperationDenied.DuplicateRole": Kind.NEVER,
    "OperationDenied.EcsNotSupportTrafficMirror": Kind.NEVER,
    "OperationDenied.FreeNetworkInterface": Kind.WAIT,
    "OperationDenied.UnsupportedTargetType": Kind.NEVER,
    "OperationUnsupported.BondingNetworkInterface": Kind.NEVER,
    "OptInRequired.TrafficMirror": Kind.STOP,
    "QuotaExceeded.NetworkInterfaceRelatedSession": Kind.ELSEWHERE,
    "QuotaExceeded.SourceNumPerSession": Kind.ELSEWHERE,
    "QuotaExceeded.SourceNumPerTarget": Kind.ELSEWHERE,
    "ResourceAlreadyAssociated.TrafficMirrorSource": Kind.DONE,
    "ResourceNotFound.EcsInstance": Kind.WAIT,
    "ResourceNotFound.NetworkInterface": Kind.WAIT,
    "ResourceNotFound.TrafficMirrorSession": Kind.ELSEWHERE,
}


@pytest.mark.parametrize("code", DOCUMENTED["codes"])
def test_every_documented_code_has_its_place_and_a_sentence_for_people(code: str) -> None:
    for action in (ADD, LIST):
        entry, known = classify(action, code, 400)
        assert known
        for sentence in (entry.sentence, entry.remedy):
            assert sentence[0].isupper()
            assert sentence.endswith(".")


@pytest.mark.parametrize("code", DOCUMENTED["families"].values())
def test_a_member_of_a_documented_family_is_known(code: str) -> None:
    assert classify(ADD, code, 400)[1]


def test_the_table_invents_no_code() -> None:
    assert set(TABLE) == set(DOCUMENTED["codes"])
    assert set(ON_READING) <= set(TABLE)
    assert {named for _, named in FAMILIES} <= set(TABLE)


def test_all_sixteen_errors_of_adding_sources_are_judged() -> None:
    assert set(KINDS_OF_ADD) == set(DOCUMENTED["add_sources"])
    assert {code: classify(ADD, code, 400)[0].kind for code in KINDS_OF_ADD} == KINDS_OF_ADD


@pytest.mark.parametrize(
    ("code", "about"),
    [
        ("IncorrectStatus.TrafficMirrorSession", About.SESSION),
        ("OperationDenied.FreeNetworkInterface", About.INTERFACE),
        ("ResourceNotFound.NetworkInterface", About.INTERFACE),
        ("QuotaExceeded.SourceNumPerSession", About.SESSION),
        ("QuotaExceeded.SourceNumPerTarget", About.TARGET),
        ("QuotaExceeded.NetworkInterfaceRelatedSession", About.INTERFACE),
        ("Throttling.User", About.SERVICE),
        ("OptInRequired.TrafficMirror", About.SERVICE),
    ],
)
def test_a_busy_session_is_told_from_an_attaching_interface(code: str, about: About) -> None:
    assert classify(ADD, code, 400)[0].about is about


@pytest.mark.parametrize("code", ["Forbidden", "Forbidden.RAM", "Forbidden.SubUser"])
def test_a_session_one_may_not_change_leaves_others_but_not_reading_stops_all(code: str) -> None:
    changing, reading = classify(ADD, code, 403)[0], classify(LIST, code, 403)[0]

    assert (changing.kind, changing.loud) == (Kind.ELSEWHERE, True)
    assert (reading.kind, reading.loud) == (Kind.STOP, True)


@pytest.mark.parametrize(
    "code",
    [
        "InvalidAccessKeyId.NotFound",
        "InvalidAccessKeyId.Inactive",
        "InvalidAccessKeyId.Example",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "InvalidSecurityToken.Expired",
        "InvalidSecurityToken.Malformed",
        "InvalidSecurityToken.MismatchWithAccessKey",
        "OptInRequired.TrafficMirror",
        "IncorrectBusinessStatus.TrafficMirror",
    ],
)
def test_what_refuses_everybody_stops_loudly(code: str) -> None:
    for action in (ADD, LIST):
        entry = classify(action, code, 400)[0]
        assert (entry.kind, entry.loud) == (Kind.STOP, True)


@pytest.mark.parametrize(
    "code",
    [
        "LastTokenProcessing",
        "OperationFailed.LastTokenProcessing",
        "OperationFailed.IdempotentTokenProcessing",
        "IdempotentProcessing",
    ],
)
def test_a_request_still_in_work_is_asked_about_with_its_own_token(code: str) -> None:
    entry = classify(ADD, code, 400)[0]

    assert (entry.kind, entry.same_token) == (Kind.WAIT, True)


@pytest.mark.parametrize("code", ["IdempotentParameterMismatch", "Duplicated.ClientToken"])
def test_a_spent_token_is_replaced(code: str) -> None:
    entry = classify(ADD, code, 400)[0]

    assert (entry.kind, entry.same_token) == (Kind.WAIT, False)


@pytest.mark.parametrize("code", ["", "Brand.New", "throttling", "Forbiddenish", "Missing"])
def test_an_unknown_code_is_final_but_loud(code: str) -> None:
    entry, known = classify(ADD, code, 400)

    assert (entry.kind, entry.loud, known) == (Kind.NEVER, True, False)


def test_an_unknown_code_that_asks_for_patience_gets_it() -> None:
    by_status = refused(ADD, 429, "Brand.New", "", None)
    by_hint = refused(ADD, 400, "Brand.New", "", None, retry_after_s=0.5)

    assert (by_status.kind, by_status.known, by_status.loud) == (Kind.WAIT, False, True)
    assert (by_hint.kind, by_hint.known, by_hint.retry_after_s) == (Kind.WAIT, False, 0.5)


@pytest.mark.parametrize(
    "message",
    [
        "Specified signature is not matched. server string to sign is:POST&%2F&AccessKeyId%3DLTAI",
        "The AccessKeyId LTAIabc is not found.",
        "Specified SecurityToken is expired: CAISabc",
    ],
)
def test_a_message_that_echoes_credentials_is_not_kept(message: str) -> None:
    answer = refused(ADD, 400, "SignatureDoesNotMatch", message, "r")

    assert answer.message == classify(ADD, "SignatureDoesNotMatch", 400)[0].sentence


def test_a_harmless_message_is_kept_but_not_endless() -> None:
    answer = refused(ADD, 400, "TaskConflict", "busy " * 1000, "r")

    assert answer.message.startswith("busy busy")
    assert len(answer.message) == 300


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("QuotaExceeded.SourceNumPerSession", Meaning.SESSION_FULL),
        ("QuotaExceeded.SourceNumPerTarget", Meaning.TARGET_FULL),
        ("QuotaExceeded.SlbRelatedSession", Meaning.TARGET_FULL),
        ("QuotaExceeded.NetworkInterfaceRelatedSession", Meaning.IN_THREE_SESSIONS),
        ("IllegalParam.Priority", Meaning.TAKEN),
        ("DuplicatedParam.Priority", Meaning.TAKEN),
        ("ResourceAlreadyAssociated.TrafficMirrorSource", Meaning.ALREADY_ASSOCIATED),
        ("ResourceNotAssociated.TrafficMirrorSource", Meaning.NOT_ASSOCIATED),
        ("ResourceNotFound.TrafficMirrorSession", Meaning.NO_SESSION),
        ("IncorrectBusinessStatus.TrafficMirror", Meaning.LOCKED),
        ("Forbidden.SubUser", Meaning.FORBIDDEN),
        ("DryRunOperation", Meaning.DRY_RUN_PASSED),
        ("Throttling.User", None),
        ("Brand.New", None),
    ],
)
def test_a_refusal_carries_what_its_code_means(code: str, means: Meaning | None) -> None:
    assert refused(ADD, 400, code, "", "r").means is means


def test_every_meaning_is_that_of_some_documented_code() -> None:
    assert {entry.means for entry in TABLE.values()} == {None, *Meaning}


def test_no_module_but_the_table_names_a_code() -> None:
    named = {
        (path.name, word)
        for path in READERS
        for literal in _literals(ast.parse(path.read_text("utf-8")))
        for word in literal.split()
        if word in TABLE
    }

    assert len(READERS) > 150
    assert named == set()


def _literals(node: ast.AST) -> Iterator[str]:
    """Every string of a module that is not documentation: a docstring is a whole statement."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            if not isinstance(node, ast.Expr):
                yield child.value
        else:
            yield from _literals(child)
