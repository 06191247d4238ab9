"""Keys with policies: each call needs its action on its resources, and is refused without."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from localcloud.api.permissions import _NEEDS
from localcloud.api.table import ALL
from localcloud.calls import signed_call
from localcloud.credentials import Caller, Key
from localcloud.ram import Policy
from localcloud.world.fleet import FleetError, read_fleet
from localcloud.world.ledger import Remembered

from .family_calls import FILTER, GOOD, RULE, SESSION, usable

DeskOf = Callable[..., Any]
ACCOUNT = "1234567890123456"
ENI, INSTANCE = "eni-j6c000000000000001", "i-j6c0000000000000001"
CALLS: dict[str, dict[str, Any]] = {
    **GOOD,
    "DescribeInstances": {"InstanceIds": json.dumps([INSTANCE])},
    "DescribeNetworkInterfaces": {"NetworkInterfaceId": [ENI]},
}
RESOURCES: dict[str, tuple[str, ...]] = {
    "AddSourcesToTrafficMirrorSession": (f"vpc trafficmirrorsession/{SESSION}",),
    "RemoveSourcesFromTrafficMirrorSession": (f"vpc trafficmirrorsession/{SESSION}",),
    "CreateTrafficMirrorSession": (
        "vpc trafficmirrorsession/*",
        f"vpc trafficmirrorfilter/{FILTER}",
    ),
    "UpdateTrafficMirrorSessionAttribute": (f"vpc trafficmirrorsession/{SESSION}",),
    "DeleteTrafficMirrorSession": (f"vpc trafficmirrorsession/{SESSION}",),
    "ListTrafficMirrorSessions": ("vpc trafficmirrorsession/*",),
    "CreateTrafficMirrorFilter": ("vpc trafficmirrorfilter/*",),
    "UpdateTrafficMirrorFilterAttribute": (f"vpc trafficmirrorfilter/{FILTER}",),
    "DeleteTrafficMirrorFilter": ("vpc trafficmirrorfilter/tmf-j6cunused",),
    "CreateTrafficMirrorFilterRules": (f"vpc trafficmirrorfilter/{FILTER}",),
    "UpdateTrafficMirrorFilterRuleAttribute": ("vpc trafficmirrorfilter/*",),
    "DeleteTrafficMirrorFilterRules": (f"vpc trafficmirrorfilter/{FILTER}",),
    "ListTrafficMirrorFilters": ("vpc trafficmirrorfilter/*",),
    "OpenTrafficMirrorService": ("vpc *",),
    "GetTrafficMirrorServiceStatus": ("vpc *",),
    "DescribeInstances": (f"ecs instance/{INSTANCE}",),
    "DescribeNetworkInterfaces": (f"ecs eni/{ENI}",),
}
DESCRIBES = ("DescribeInstances", "DescribeNetworkInterfaces")


def named(resource: str) -> str:
    service, _, relative = resource.partition(" ")
    return f"acs:{service}:cn-hongkong:{ACCOUNT}:{relative}"


def allowing(action: str, resources: Sequence[str]) -> dict[str, Any]:
    service = next(one.product.lower() for one in ALL if one.name == action)
    element = {"Effect": "Allow", "Action": f"{service}:{action}", "Resource": list(resources)}
    return {"Version": "1", "Statement": [element]}


def key(*policies: dict[str, Any], **more: Any) -> dict[str, Any]:
    mine = {"access_key_id": "mine", "access_key_secret": "secret", "principal": "reader"}
    return {**mine, "policies": list(policies), **more}


class Reader:
    """Somebody with a key of his own."""

    def __init__(self, desk: Any, token: str | None = None, key_id: str = "mine") -> None:
        self.desk = desk
        self._key = Key(key_id, "secret", token)
        self._calls = 0

    def call(self, action: str, **parameters: Any) -> Any:
        self._calls += 1
        now = self.desk.clock.now()
        request = signed_call(action, parameters, now, f"reader-{self._calls}", self._key)
        response = self.desk.cloud.gateway.handle(request, now).response
        return response.status, json.loads(response.body)


def code(answer: Any) -> str | None:
    said: str | None = answer[1].get("Code")
    return said


@pytest.mark.parametrize("action", list(RESOURCES))
def test_a_call_needs_its_action_on_exactly_its_resources(desk_of: DeskOf, action: str) -> None:
    needed = [named(one) for one in RESOURCES[action]]
    allowed = Reader(desk_of(**usable(action), keys=[key(allowing(action, needed))]))
    assert allowed.call(action, **CALLS[action])[0] == 200

    behaviour = {"denied_describe": "refuse"}
    for left_out in needed:
        rest = [one for one in needed if one != left_out]
        policy = allowing(action, [*rest, f"{left_out}x"])
        fleet = {**usable(action), "behaviour": behaviour, "keys": [key(policy)]}
        denied = Reader(desk_of(**fleet))
        before = denied.desk.things()
        assert code(denied.call(action, **CALLS[action])) == "Forbidden.RAM"
        assert denied.desk.things() == before


def test_every_action_says_what_it_needs() -> None:
    for_all = {"OpenTrafficMirrorService", "GetTrafficMirrorServiceStatus"}
    assert {one.name for one in ALL} - set(_NEEDS) == for_all


def test_a_refusal_says_what_was_missing_to_whom(desk_of: DeskOf) -> None:
    deny = {"Effect": "Deny", "Action": "vpc:List*", "Resource": "*"}
    for policy, kind in (
        ({"Version": "1", "Statement": [deny]}, "ExplicitDeny"),
        (allowing("AddSourcesToTrafficMirrorSession", ["*"]), "ImplicitDeny"),
    ):
        status, body = Reader(desk_of(keys=[key(policy)])).call("ListTrafficMirrorSessions")
        assert (status, body["Code"]) == (403, "Forbidden.RAM")
        assert body["AccessDeniedDetail"] == {
            "AuthAction": "vpc:ListTrafficMirrorSessions",
            "AuthPrincipalDisplayName": "reader",
            "AuthPrincipalOwnerId": ACCOUNT,
            "AuthPrincipalType": "SubUser",
            "NoPermissionType": kind,
            "PolicyType": "AccountLevelIdentityBasedPolicy",
        }


def test_opening_the_service_is_refused_with_its_own_status(desk_of: DeskOf) -> None:
    reader = Reader(desk_of(service={"enabled": False}, keys=[key()]))
    status, body = reader.call("OpenTrafficMirrorService")
    assert (status, body["Code"]) == (400, "Forbidden.RAM")


def test_a_key_without_policies_may_do_everything_and_one_with_none_nothing(
    desk_of: DeskOf,
) -> None:
    free = {name: value for name, value in key().items() if name != "policies"}
    assert Reader(desk_of(keys=[free])).call("ListTrafficMirrorSessions")[0] == 200
    assert code(Reader(desk_of(keys=[key()])).call("ListTrafficMirrorSessions")) == "Forbidden.RAM"


def test_the_fixed_key_is_restricted_by_listing_it(desk_of: DeskOf) -> None:
    fixed = "local-access-key-id"
    desk = desk_of(keys=[key(access_key_id=fixed)])
    answer = Reader(desk, key_id=fixed).call("ListTrafficMirrorSessions")
    assert code(answer) == "Forbidden.RAM"


@pytest.mark.parametrize("action", DESCRIBES)
@pytest.mark.parametrize(
    ("denied", "refusing"),
    [("empty", ()), ("refuse", DESCRIBES), ("announced", ("DescribeInstances",))],
)
def test_a_describe_without_permission_shows_nothing_or_is_refused(
    desk_of: DeskOf, action: str, denied: str, refusing: Sequence[str]
) -> None:
    desk = desk_of(behaviour={"denied_describe": denied}, keys=[key()])
    status, body = Reader(desk).call(action, **CALLS[action])
    if action in refusing:
        assert (status, body["Code"]) == (403, "Forbidden.RAM")
        return
    assert status == 200
    assert body["TotalCount"] == 0
    shown = body.get("Instances") or body["NetworkInterfaceSets"]
    assert list(shown.values()) == [[]]


def test_a_dry_run_of_a_describe_tells_that_it_is_not_allowed(desk_of: DeskOf) -> None:
    answer = Reader(desk_of(keys=[key()])).call("DescribeInstances", DryRun=True)
    assert code(answer) == "Forbidden.RAM"


def test_a_malformed_call_is_told_before_a_missing_permission(desk_of: DeskOf) -> None:
    reader = Reader(desk_of(keys=[key()]))
    answer = reader.call("AddSourcesToTrafficMirrorSession", TrafficMirrorSourceIds=[ENI])
    assert code(answer) == "MissingTrafficMirrorSessionId"


def test_a_missing_permission_is_told_before_a_used_token_and_uses_none(desk_of: DeskOf) -> None:
    used = Remembered("CreateTrafficMirrorSession", "t", {}, 200, {"RequestId": "first"})
    desk = desk_of(**usable("CreateTrafficMirrorSession"), keys=[key()])
    desk.cloud.world.tokens.restore([used], desk.clock.now())
    answer = Reader(desk).call(
        "CreateTrafficMirrorSession", **CALLS["CreateTrafficMirrorSession"], ClientToken="t"
    )
    assert code(answer) == "Forbidden.RAM"
    assert [one["token"] for one in desk.state()["tokens"]] == ["t"]


def test_somebody_who_assumed_a_role_has_its_policies(desk_of: DeskOf) -> None:
    desk = desk_of(keys=[key(allowing("ListTrafficMirrorSessions", ["*"]), security_token="s")])
    role = Reader(desk, "s")
    assert role.call("ListTrafficMirrorSessions")[0] == 200
    _, refusal = role.call("ListTrafficMirrorFilters")
    assert refusal["AccessDeniedDetail"]["AuthPrincipalType"] == "AssumedRoleUser"
    assert code(Reader(desk).call("ListTrafficMirrorSessions")) == "MissingSecurityToken"


def test_a_key_that_is_issued_may_do_what_its_policy_says(desk_of: DeskOf) -> None:
    desk = desk_of()
    policy = Policy.read(allowing("ListTrafficMirrorSessions", ["*"]))
    issued = desk.cloud.keyring.issue(Caller("mirror", "c-1"), policy, "mirror-role")
    now = desk.clock.now()
    answers = [
        json.loads(
            desk.cloud.gateway.handle(
                signed_call(action, {}, now, action, issued), now
            ).response.body.decode()
        ).get("Code")
        for action in ("ListTrafficMirrorSessions", "ListTrafficMirrorFilters")
    ]
    assert answers == [None, "Forbidden.RAM"]


def test_policies_are_handed_back_as_they_were_written(desk_of: DeskOf) -> None:
    written = [
        key({"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": ["*"]}]})
    ]
    assert desk_of(keys=written).state()["keys"] == [{**written[0], "security_token": None}]


def test_a_fleet_file_with_a_wrong_policy_names_key_and_place() -> None:
    wrong = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Condition": {}}]}
    with pytest.raises(FleetError) as caught:
        read_fleet({"keys": [key(), key(wrong)]})
    assert str(caught.value) == (
        "keys[1].policies[0]: Statement[0]: Condition is not understood here; "
        "leave the statement's condition out"
    )


def test_rules_have_no_names_of_their_own(desk_of: DeskOf) -> None:
    policy = allowing(
        "UpdateTrafficMirrorFilterRuleAttribute", [named(f"vpc trafficmirrorfilter/{RULE}")]
    )
    reader = Reader(desk_of(**usable("UpdateTrafficMirrorFilterRuleAttribute"), keys=[key(policy)]))
    answer = reader.call("UpdateTrafficMirrorFilterRuleAttribute", TrafficMirrorFilterRuleId=RULE)
    assert code(answer) == "Forbidden.RAM"
