"""What the product's template promises to whoever deploys it."""

from __future__ import annotations

import io
import itertools
import json
import re
import string
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from evermirror.coverage import Coverage
from evermirror.coverage import to_wire as coverage_to_wire
from evermirror.log import Log
from evermirror.model import Cause, Outcome, Place, Verdict
from evermirror.outcomes import to_wire
from evermirror.settings import Settings
from evermirror.stack_key import StackKey
from localcloud.functioncompute.stack import stack_of

from .combinations import A_ROLE, ROLES, SECRET
from .ros_schema import ROOT, document, evaluated

KEY = "c3RhY2sga2V5IGZvciB0aGUgdGVzdHMgb2YgdGhlIHRlbXBsYXRlLg=="
MODES = ("observe", "act", "paused")
GIVEN_BY_THE_PLATFORM = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
}
FOR_A_LOCAL_CLOUD = {"EVERMIRROR_ENDPOINT"}


def _named(node: Any) -> Iterator[str]:
    """Every name that something refers to, Ref, GetAtt, Sub and conditions alike."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key in {"Ref", "Condition"} and isinstance(value, str):
            yield value
        elif key in {"Fn::GetAtt", "Fn::If"}:
            yield value[0]
            yield from _named(value)
        elif key in {"Fn::And", "Fn::Or"}:
            yield from (one for one in value if isinstance(one, str))
            yield from _named(value)
        elif key == "Fn::Sub":
            yield from (one.split(".")[0] for one in re.findall(r"\$\{([^!}]+)\}", value))
        elif isinstance(value, (dict, list)):
            yield from _named(value)


def test_no_parameter_condition_or_mapping_is_unused() -> None:
    source = document()
    used = set(_named([source["Resources"], source["Outputs"], source["Conditions"]]))
    assert source["Parameters"].keys() - used == set()
    assert source["Conditions"].keys() - used == set()
    groups = source["Metadata"]["ALIYUN::ROS::Interface"]["ParameterGroups"]
    shown = [name for group in groups for name in group["Parameters"]]
    assert sorted(shown) == sorted(source["Parameters"])


def test_every_parameter_has_a_type_a_default_and_a_description() -> None:
    for name, declaration in document()["Parameters"].items():
        assert {"Type", "Default", "Description"} <= declaration.keys(), name


def test_secrets_are_never_echoed() -> None:
    parameters = document()["Parameters"]
    hidden = {name for name, declaration in parameters.items() if declaration.get("NoEcho")}
    assert hidden == {"WebhookSecret", "Channels", "StackKey"}


def test_only_mirror_and_the_sweep_hold_the_stacks_key() -> None:
    template = evaluated(document(), WebhookSecret=SECRET, StackKey=KEY)
    functions = stack_of(template, ROOT).functions

    assert {name for name, one in functions.items() if KEY in one.environment.values()} == {
        "mirror",
        "reconcile",
    }
    for name in ("mirror", "reconcile"):
        assert Settings.from_environment(functions[name].environment).stack_key


def test_what_the_console_makes_is_a_key() -> None:
    declared = document()["Parameters"]["StackKey"]
    metadata = declared["AssociationPropertyMetadata"]
    letters = {"lowercase": string.ascii_lowercase, "uppercase": string.ascii_uppercase}
    letters["digits"] = string.digits
    classes = metadata["CharacterClasses"]
    least = [Random(1).choices(letters[one["Class"]], k=one["min"]) for one in classes]
    rest = metadata["Length"] - sum(map(len, least))
    made = "".join(itertools.chain(*least, Random(2).choices(string.ascii_letters, k=rest)))

    assert declared["AssociationProperty"] == "AutoCompleteInput"
    assert re.fullmatch(declared["AllowedPattern"], made)
    assert StackKey([made])


def test_the_first_day_is_for_looking() -> None:
    mirror = stack_of(evaluated(document()), ROOT).functions["mirror"]
    assert mirror.environment["EVERMIRROR_MODE"] == "observe"
    assert mirror.environment["EVERMIRROR_ALLOW_GROWTH"] == "false"


class _Recorded(dict[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return default


ARRIVING = {
    "EVERMIRROR_ALLOW_GROWTH",
    "EVERMIRROR_HEALING",
    "EVERMIRROR_HEALS_PER_HOUR",
    "EVERMIRROR_RECLAIM",
    "EVERMIRROR_RECLAIM_LIMIT",
    "EVERMIRROR_SOURCES_PER_CREATE",
}
"""Set for growth, healing and reclaim, which read them as they arrive."""


def test_every_variable_that_the_code_reads_is_set_and_no_other() -> None:
    recorded = _Recorded()
    Settings.from_environment(recorded)
    functions = stack_of(evaluated(document(), WebhookSecret=SECRET), ROOT).functions
    given = {name for function in functions.values() for name in function.environment}
    read = recorded.asked - GIVEN_BY_THE_PLATFORM - FOR_A_LOCAL_CLOUD
    assert read - given == set()
    assert given - read <= ARRIVING


def test_the_environment_of_every_function_can_be_read() -> None:
    functions = stack_of(evaluated(document(), WebhookSecret=SECRET), ROOT).functions
    assert set(functions) == {"mirror", "notify", "reconcile", "webhook"}
    for function in functions.values():
        Settings.from_environment(function.environment)


@pytest.mark.parametrize("mode", MODES)
def test_only_paused_switches_the_trigger_off(mode: str) -> None:
    (stream,) = stack_of(evaluated(document(), Mode=mode), ROOT).streams
    assert stream.enabled is (mode != "paused")


def test_what_later_questions_need_is_indexed_as_what_it_is_in_the_log() -> None:
    (message,) = document()["Resources"]["LogIndex"]["Properties"]["KeyIndices"]
    indexed = {key["Name"]: key["Type"] for key in message["JsonKeyIndices"]}
    place, stream = Place("1234567890123456", "cn-hongkong"), io.StringIO()
    log = Log(stream)
    found = Coverage(mirrored=("a", "b"), missing=("c",), impossible={"pool_full": ("d",)})
    outcome = Outcome(Verdict.DEFERRED, Cause("s", "1"), "eni-1", session_id="tms-1", pool="all")
    log.coverage(coverage_to_wire(replace(found, oldest_gap_s=1.5)))
    log.outcome(to_wire(replace(outcome, reason="pool_full"), place, "d", 0.0, 1))

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    logged = {key: value for line in lines for key, value in line.items()}

    assert {
        key: "text" if isinstance(logged[key], str) else "long"
        for key in indexed
        if not isinstance(logged[key], float)
    } == {key: kind for key, kind in indexed.items() if kind != "double"}
    assert {key for key, kind in indexed.items() if kind == "double"} == {"share", "oldest_gap_s"}
    assert indexed.keys() >= {"outcome", "outcome_id", "network_interface_id", "session_id"}
    assert indexed.keys() >= {"eligible", "mirrored", "missing", "ineffective", "impossible"}
    assert indexed.keys() >= {"pool", "reason", "policy_digest", "status", "level", "message"}
    assert all(key["EnableAnalytics"] for key in message["JsonKeyIndices"])


def test_timeouts_visibility_and_batches_are_those_of_the_design() -> None:
    stack = stack_of(evaluated(document()), ROOT)
    (stream,) = stack.streams
    mirror, queue = stack.functions["mirror"], stack.queues[stream.queue]
    assert (stream.function, stream.asynchronous, stream.tolerant) == ("mirror", False, True)
    assert (stream.batch, stream.window_s) == (500, 2)
    assert stream.strategy == "EXPONENTIAL_DECAY_RETRY"
    assert (mirror.timeout_s, mirror.concurrency) == (240, 1)
    assert queue.visibility_s == 6 * mirror.timeout_s
    assert stream.dead_letters == queue.dead_letters == "evermirror-dead-letters"


def test_what_a_rule_encodes_the_trigger_decodes() -> None:
    stack = stack_of(evaluated(document()), ROOT)
    (stream,) = stack.streams
    targets = [target for rule in stack.rules for target in rule.targets]
    assert {target.queue for target in targets} == {stream.queue}
    assert {target.encode for target in targets} == {stream.decode}


def test_without_events_the_sweep_is_left() -> None:
    stack = stack_of(evaluated(document(), Events="off"), ROOT)
    assert (stack.rules, stack.streams) == ((), ())
    assert [timer.function for timer in stack.timers] == ["reconcile"]


def test_without_a_secret_there_is_no_webhook() -> None:
    assert "webhook" not in stack_of(evaluated(document()), ROOT).functions


def test_roles_that_exist_already_leave_nothing_of_ram_to_make() -> None:
    template = evaluated(document(), WebhookSecret=SECRET, **dict.fromkeys(ROLES, A_ROLE))
    resources = template.resources()
    assert [one.logical_id for one in resources if "::RAM::" in one.type] == []
    functions = [one for one in resources if one.type == "ALIYUN::FC3::Function"]
    assert {one.properties["Role"] for one in functions} == {A_ROLE}


def test_a_prefix_is_in_every_name_and_every_reference_to_it() -> None:
    template = evaluated(document(), NamePrefix="blue-", WebhookSecret=SECRET)
    stack = stack_of(template, ROOT)
    names = {"blue-mirror", "blue-notify", "blue-reconcile", "blue-webhook"}
    assert set(stack.functions) == names
    for function in stack.functions.values():
        for variable, name in (("EVERMIRROR_NOTIFY", "notify"), ("EVERMIRROR_MIRROR", "mirror")):
            if variable in function.environment:
                assert function.environment[variable].endswith(f":functions/blue-{name}")
    assert [one.name for one in stack.streams] == ["blue-events"]
    assert all(one.name.startswith("blue-evermirror-") for one in stack.rules)
    assert all(name.startswith("blue-evermirror-") for name in stack.queues)
    roles = [one for one in template.resources() if one.type == "ALIYUN::RAM::Role"]
    assert all(str(one.properties["RoleName"]).startswith("blue-") for one in roles)
