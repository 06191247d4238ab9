"""What Fn::GetAtt and Ref give for a resource, where no property of it holds that by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Form = Callable[[str, str, str], str]


def trigger_id(name: str) -> str:
    """The id of a trigger, which is the first label of an HTTP trigger's host."""
    return f"local-{name.lower()}"


# Attributes that no property holds: which property they are made of, and how.
MADE: Mapping[tuple[str, str], tuple[str, Form]] = {
    ("ALIYUN::FC3::Function", "ARN"): (
        "FunctionName",
        lambda region, account, name: f"acs:fc:{region}:{account}:functions/{name}",
    ),
    ("ALIYUN::FC3::Function", "FunctionId"): ("FunctionName", lambda _, __, name: f"local-{name}"),
    ("ALIYUN::FC3::LayerVersion", "LayerVersionArn"): (
        "LayerName",
        lambda region, account, name: f"acs:fc:{region}:{account}:layers/{name}/versions/1",
    ),
    ("ALIYUN::FC3::LayerVersion", "Version"): ("LayerName", lambda _, __, ___: "1"),
    ("ALIYUN::FC3::Trigger", "TriggerId"): ("TriggerName", lambda _, __, name: trigger_id(name)),
    ("ALIYUN::FC3::Trigger", "UrlInternet"): (
        "TriggerName",
        lambda region, _, name: f"https://{trigger_id(name)}.{region}.fcapp.run",
    ),
    ("ALIYUN::FC3::Trigger", "UrlIntranet"): (
        "TriggerName",
        lambda region, _, name: f"https://{trigger_id(name)}.{region}-vpc.fcapp.run",
    ),
    ("ALIYUN::RAM::Role", "Arn"): (
        "RoleName",
        lambda _, account, name: f"acs:ram::{account}:role/{name.lower()}",
    ),
    ("ALIYUN::RAM::Role", "RoleId"): ("RoleName", lambda _, __, name: f"local-{name}"),
    ("ALIYUN::MNS::Queue", "ARN.WithSlash"): (
        "QueueName",
        lambda region, account, name: f"acs:mns:{region}:{account}:/queues/{name}",
    ),
    ("ALIYUN::EventBridge::Rule", "RuleARN"): (
        "RuleName",
        lambda region, account, name: f"acs:eventbridge:{region}:{account}:rule/{name}",
    ),
}

# The attribute that Ref to a resource gives.
IDENTITIES: Mapping[str, str] = {
    "ALIYUN::FC3::Function": "FunctionName",
    "ALIYUN::FC3::LayerVersion": "LayerVersionArn",
    "ALIYUN::FC3::Trigger": "TriggerName",
    "ALIYUN::RAM::Role": "RoleName",
    "ALIYUN::MNS::Queue": "QueueName",
    "ALIYUN::SLS::Project": "Name",
    "ALIYUN::SLS::Logstore": "LogstoreName",
    "ALIYUN::EventBridge::Rule": "RuleName",
}
