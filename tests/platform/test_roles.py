"""A function may do what its template role allows, on every service, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as FunctionCompute
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as Vpc
from fc2 import Client as FormerClient
from fc2.fc_exceptions import FcError

from localcloud.functioncompute.intrinsics import TemplateError
from tests.platform.conftest import DEPLOYMENT
from tests.platform.test_events_to_functions import EVENT, deploy

KEYS = """
import json, os

def handler(event, context):
    return {name: value for name, value in os.environ.items() if name.startswith("ALIBABA")}
"""
OK = "def handler(event, context):\n    return 'ok'\n"
FAILS = "def handler(event, context):\n    raise ValueError('no')\n"
ACCOUNT = f"{DEPLOYMENT.region}:{DEPLOYMENT.account_id}"


def document(*statements: tuple[str, str], effect: str = "Allow") -> dict[str, Any]:
    return {
        "Version": "1",
        "Statement": [
            {"Effect": effect, "Action": [action], "Resource": [resource]}
            for action, resource in statements
        ],
    }


def trust(*services: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    return {"Version": "1", "Statement": [{**statement, "Principal": {"Service": [*services]}}]}


def role(workshop: Any, *statements: tuple[str, str], **properties: Any) -> dict[str, Any]:
    """A role of the template that may do this; what its function says of it."""
    policies = [{"PolicyName": "p", "PolicyDocument": document(*statements)}]
    made = {
        "RoleName": "Working",
        "AssumeRolePolicyDocument": trust("fc.aliyuncs.com"),
        **({"Policies": policies} if statements else {}),
        **properties,
    }
    workshop.resource("role", "ALIYUN::RAM::Role", **made)
    return {"Role": {"Fn::GetAtt": ["role", "Arn"]}}


def key_of(served: Any, function: str) -> dict[str, str]:
    """The credentials that a running instance was given."""
    answer = served.run(served.platform.invocations.invoke(function, b""))
    found: dict[str, str] = json.loads(answer.body)
    return found


def config(served: Any, key: dict[str, str]) -> Config:
    return Config(
        access_key_id=key["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=key["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        security_token=key["ALIBABA_CLOUD_SECURITY_TOKEN"],
        endpoint=served.cloud.address,
        protocol="HTTP",
        region_id=DEPLOYMENT.region,
    )


def invoke(client: FunctionCompute, function: str) -> bytes:
    response = client.invoke_function_with_options(
        function,
        models.InvokeFunctionRequest(body=b"{}"),
        models.InvokeFunctionHeaders(),
        RuntimeOptions(),
    )
    body: bytes = response.body.read()
    return body


def test_a_function_calls_exactly_the_functions_its_role_names(workshop: Any) -> None:
    may = (("fc:InvokeFunction", f"acs:fc:{ACCOUNT}:functions/friend"),)
    workshop.function("it", KEYS, **role(workshop, *may))
    workshop.function("friend", OK)
    workshop.function("stranger", OK)
    served = workshop.serve()
    client = FunctionCompute(config(served, key_of(served, "it")))
    assert invoke(client, "friend") == b"ok"
    with pytest.raises(Exception, match="AccessDenied") as caught:
        invoke(client, "stranger")
    assert getattr(caught.value, "status_code", getattr(caught.value, "statusCode", None)) == 403
    asked = {(one["resource"], one["allowed"]) for one in served.control("GET", "permissions")}
    assert asked == {
        (f"acs:fc:{ACCOUNT}:functions/friend", True),
        (f"acs:fc:{ACCOUNT}:functions/stranger", False),
    }
    key = key_of(served, "it")
    former = FormerClient(
        endpoint=served.cloud.endpoint,
        accessKeyID=key["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        accessKeySecret=key["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        securityToken=key["ALIBABA_CLOUD_SECURITY_TOKEN"],
    )
    with pytest.raises(FcError) as refused:
        former.invoke_function("evermirror", "friend", b"{}")
    assert (refused.value.status_code, refused.value.err_code) == (403, "AccessDenied")


def test_calls_of_vpc_and_ecs_are_held_to_the_role_too(workshop: Any) -> None:
    may = (("vpc:List*", f"acs:vpc:{ACCOUNT}:*"),)
    workshop.function("it", KEYS, **role(workshop, *may))
    served = workshop.serve()
    served.cloud.load({"fleet": {"instances": 2, "sessions": 1}})
    settings = config(served, key_of(served, "it"))
    listed = Vpc(settings).list_traffic_mirror_sessions(
        vpc.ListTrafficMirrorSessionsRequest(region_id=DEPLOYMENT.region)
    )
    assert listed.body.total_count == "1"
    with pytest.raises(Exception, match=r"Forbidden\.RAM"):
        Vpc(settings).add_sources_to_traffic_mirror_session(
            vpc.AddSourcesToTrafficMirrorSessionRequest(
                region_id=DEPLOYMENT.region,
                traffic_mirror_session_id="tms-j6c00000000000000001",
                traffic_mirror_source_ids=["eni-j6c000000000000001"],
            )
        )
    seen = Ecs(settings).describe_network_interfaces(
        ecs.DescribeNetworkInterfacesRequest(region_id=DEPLOYMENT.region)
    )
    assert seen.body.network_interface_sets.network_interface_set == []


def test_managed_attached_and_system_policies_count_and_a_deny_wins(workshop: Any) -> None:
    given = role(workshop, PolicyAttachments={"System": ["AliyunFCInvocationAccess"]})
    workshop.resource(
        "managed",
        "ALIYUN::RAM::ManagedPolicy",
        PolicyName="never-stranger",
        PolicyDocument=document(("fc:*", "acs:fc:*:functions/stranger"), effect="Deny"),
        Roles=["Working"],
    )
    workshop.resource(
        "attached",
        "ALIYUN::RAM::AttachPolicyToRole",
        PolicyName="AliyunVPCReadOnlyAccess",
        PolicyType="System",
        RoleName="Working",
    )
    workshop.function("it", KEYS, **given)
    workshop.function("friend", OK)
    workshop.function("stranger", OK)
    served = workshop.serve()
    settings = config(served, key_of(served, "it"))
    assert invoke(FunctionCompute(settings), "friend") == b"ok"
    with pytest.raises(Exception, match="AccessDenied"):
        invoke(FunctionCompute(settings), "stranger")
    request = vpc.ListTrafficMirrorSessionsRequest(region_id=DEPLOYMENT.region)
    assert Vpc(settings).list_traffic_mirror_sessions(request).body.total_count == "0"


def test_a_role_that_the_template_only_names_may_do_everything(workshop: Any) -> None:
    workshop.function("it", KEYS, Role="acs:ram::1234567890123456:role/elsewhere")
    workshop.function("friend", OK)
    served = workshop.serve()
    assert invoke(FunctionCompute(config(served, key_of(served, "it"))), "friend") == b"ok"


def test_a_function_without_a_role_has_no_credentials(workshop: Any) -> None:
    workshop.function("it", KEYS, Role={"Ref": "ALIYUN::NoValue"})
    served = workshop.serve()
    assert key_of(served, "it") == {}


def failing(workshop: Any, *may: tuple[str, str]) -> Any:
    workshop.function("it", FAILS, **role(workshop, *may))
    workshop.resource("dead", "ALIYUN::MNS::Queue", QueueName="dead")
    arn = f"acs:mns:{ACCOUNT}:/queues/dead/messages"
    workshop.resource(
        "settings",
        "ALIYUN::FC3::AsyncInvokeConfig",
        FunctionName="it",
        MaxAsyncRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    served = workshop.serve()
    served.run(served.later(lambda: served.platform.asynchronous.accept("it", b"{}")))
    return served


def test_a_destination_is_written_with_the_functions_own_role(workshop: Any) -> None:
    served = failing(workshop, ("mns:SendMessage", f"acs:mns:{ACCOUNT}:/queues/dead/messages"))
    assert served.idle()["dead_letters"] == 1
    (task,) = served.control("GET", "invocations")
    assert task["undelivered"] is None


def test_a_role_that_may_not_write_loses_the_record_and_that_can_be_seen(workshop: Any) -> None:
    served = failing(workshop, ("mns:SendMessage", f"acs:mns:{ACCOUNT}:/queues/other/messages"))
    assert served.idle()["dead_letters"] == 0
    (task,) = served.control("GET", "invocations")
    assert "does not allow mns:SendMessage" in task["undelivered"]


@pytest.mark.parametrize("allowed", [True, False])
def test_a_trigger_pushes_with_its_own_role(workshop: Any, allowed: bool) -> None:
    deploy(workshop, "def handler(event, context):\n    return 'ok'\n")
    function = "it" if allowed else "other"
    may = (("fc:InvokeFunction", f"acs:fc:{ACCOUNT}:functions/{function}"),)
    given = role(workshop, *may, AssumeRolePolicyDocument=trust("eventbridge.aliyuncs.com"))
    trigger = workshop.resources["Trigger"]["Properties"]
    trigger["InvocationRole"] = given["Role"]
    trigger["TriggerConfig"]["runOptions"]["retryStrategy"] = {"PushRetryStrategy": "BACKOFF_RETRY"}
    served = workshop.serve(speed=200)
    served.control("POST", "events", EVENT)
    assert served.idle()["dead_letters"] == (not allowed)
    assert bool(served.processes()) is allowed


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        (
            {"AssumeRolePolicyDocument": trust("ecs.aliyuncs.com")},
            r"it\.Role: fc\.aliyuncs\.com cannot assume",
        ),
        (
            {"PolicyAttachments": {"System": ["AliyunDreamFullAccess"]}},
            r"role\.PolicyAttachments: the system policy AliyunDreamFullAccess is not one of",
        ),
        (
            {"PolicyAttachments": {"Custom": ["lost"]}},
            r"role\.PolicyAttachments: the policy lost is no policy of this template",
        ),
        (
            {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2"}}]},
            r"role\.Policies: .*Version",
        ),
    ],
)
def test_a_role_that_cannot_work_is_refused_at_the_start(
    workshop: Any, properties: dict[str, Any], sentence: str
) -> None:
    workshop.function("it", OK, **role(workshop, **properties))
    with pytest.raises(TemplateError, match=sentence):
        workshop.serve()


@pytest.mark.parametrize("allowed", [True, False])
def test_a_role_that_may_not_write_logs_leaves_none_but_the_end_of_a_call(
    workshop: Any, allowed: bool
) -> None:
    store = f"acs:log:{ACCOUNT}:project/logs/logstore/{'functions' if allowed else 'others'}"
    log_config = {"Project": "logs", "Logstore": "functions"}
    may = role(workshop, ("log:PostLogStoreLogs", store))
    workshop.function("it", OK, LogConfig=log_config, **may)
    served = workshop.serve()
    invoked = served.run(served.platform.invocations.invoke("it", b"", tail=True))
    assert invoked.log.startswith("FC Invoke Start")
    assert bool(served.control("GET", "functions/it/log")) is allowed
