"""Template functions and reading, on small templates; the product's own is tested elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localcloud.functioncompute.intrinsics import TemplateError
from localcloud.functioncompute.stack import stack_of
from localcloud.functioncompute.template import Deployment, Template, read_document

DEPLOYMENT = Deployment("1234567890123456", "cn-hongkong")


def template(given: dict[str, Any] | None = None, **sections: Any) -> Template:
    return Template({"ROSTemplateFormatVersion": "2015-09-01", **sections}, DEPLOYMENT, given or {})


SECTIONS: dict[str, Any] = {
    "Parameters": {
        "Name": {"Type": "String", "Default": "it"},
        "Count": {"Type": "Number", "Default": 3},
        "On": {"Type": "Boolean", "Default": False},
    },
    "Conditions": {
        "IsIt": {"Fn::Equals": ["it", {"Ref": "Name"}]},
        "IsNot": {"Fn::Not": "IsIt"},
        "Either": {"Fn::Or": ["IsIt", "IsNot"]},
        "Both": {"Fn::And": ["IsIt", {"Fn::Not": {"Fn::Equals": [1, 1]}}]},
    },
    "Mappings": {"Sizes": {"cn-hongkong": {"small": 1}}},
    "Resources": {
        "Queue": {"Type": "ALIYUN::MNS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}},
    },
}


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Name"}, "it"),
        ({"Ref": "ALIYUN::TenantId"}, "1234567890123456"),
        ({"Ref": "ALIYUN::Region"}, "cn-hongkong"),
        ({"Ref": "Queue"}, "it"),
        ({"Fn::GetAtt": ["Queue", "QueueName"]}, "it"),
        (
            {"Fn::GetAtt": ["Queue", "ARN.WithSlash"]},
            "acs:mns:cn-hongkong:1234567890123456:/queues/it",
        ),
        ({"Fn::Sub": "${Name}-${Count}-${On}-${Queue.QueueName}"}, "it-3-false-it"),
        ({"Fn::Sub": "${!Name} ${ALIYUN::Region}"}, "${Name} cn-hongkong"),
        ({"Fn::Sub": ["${X}-${Name}", {"X": {"Ref": "Count"}}]}, "3-it"),
        ({"Fn::Join": ["/", ["a", {"Ref": "Name"}]]}, "a/it"),
        ({"Fn::If": ["IsIt", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsNot", "yes", "no"]}, "no"),
        ({"Fn::If": ["Both", 1, 2]}, 2),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::Select": ["1", ["a", "b"]]}, "b"),
        ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "ALIYUN::Region"}, "small"]}, 1),
        ({"Fn::Str": {"Ref": "Count"}}, "3"),
        ({"Fn::Base64Encode": "it"}, "aXQ="),
        ({"a": {"Ref": "ALIYUN::NoValue"}, "b": [{"Ref": "ALIYUN::NoValue"}, 1]}, {"b": [1]}),
    ],
)
def test_a_function_has_its_documented_value(node: Any, value: Any) -> None:
    assert template(**SECTIONS, Outputs={"It": {"Value": node}}).outputs()["It"] == value


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        ({"Ref": "Nobody"}, "no parameter and no resource named Nobody"),
        ({"Fn::GetAtt": ["Queue", "Colour"]}, "no attribute Colour"),
        ({"Fn::GetAtt": ["Nobody", "Arn"]}, "no resource named Nobody"),
        ({"Fn::Sub": "${Nobody}"}, "Nobody"),
        ({"Fn::If": ["Never", 1, 2]}, "no condition named Never"),
        ({"Fn::Imagine": 1}, "does not know the function Fn::Imagine"),
        ({"Fn::Join": ["/", "a"]}, "the second argument is a list"),
        ({"Fn::FindInMap": ["Sizes", "x", "y"]}, "no mapping Sizes.x.y"),
    ],
)
def test_what_cannot_be_resolved_is_named_with_its_place(node: Any, sentence: str) -> None:
    with pytest.raises(TemplateError, match=sentence) as caught:
        template(**SECTIONS, Outputs={"It": {"Value": node}}).outputs()
    assert str(caught.value).startswith("Outputs.It.Value")


def test_a_circle_is_told_instead_of_followed() -> None:
    resources = {
        one: {"Type": "ALIYUN::MNS::Queue", "Properties": {"QueueName": {"Ref": other}}}
        for one, other in (("A", "B"), ("B", "A"))
    }
    with pytest.raises(TemplateError, match="circle"):
        template(Resources=resources).resources()


@pytest.mark.parametrize(
    ("declaration", "given", "sentence"),
    [
        ({"Type": "String"}, None, "a value must be given"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", "not one of a, b"),
        ({"Type": "String", "AllowedPattern": "^[a-z]+$"}, "A", "'A' does not match"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "a1", "does not match"),
        ({"Type": "String", "MinLength": 2}, "a", "is of length below 2"),
        ({"Type": "String", "MaxLength": "2"}, "abc", "is of length above 2"),
        ({"Type": "String", "MinLength": 9, "ConstraintDescription": "nine"}, "a", r"\(nine\)"),
        ({"Type": "Json"}, "{", "is not JSON"),
        ({"Type": "Number", "MinValue": 2}, "1", "below 2"),
        ({"Type": "Number", "MaxValue": 2}, 3, "above 2"),
        ({"Type": "Number"}, "many", "not a number"),
        ({"Type": "Boolean"}, "maybe", "neither true nor false"),
    ],
)
def test_a_parameter_keeps_to_its_declaration(
    declaration: dict[str, Any], given: Any, sentence: str
) -> None:
    with pytest.raises(TemplateError, match=sentence):
        template({"P": given} if given is not None else {}, Parameters={"P": declaration})


def test_a_secret_value_is_not_shown_where_it_is_refused() -> None:
    declaration = {"Type": "String", "NoEcho": True, "AllowedPattern": "[a-z]+"}
    with pytest.raises(TemplateError) as caught:
        template({"P": "SECRET-1"}, Parameters={"P": declaration})
    assert str(caught.value) == "Parameters.P: the value does not match [a-z]+"


@pytest.mark.parametrize(
    ("sections", "sentence"),
    [
        ({"Rules": {}}, "template: Rules is not understood here; known: ROSTemplate"),
        ({"Resources": {"A": []}}, "A: a resource is a map with a Type"),
        ({"Resources": {"A": {"Type": "x", "Count": 2}}}, "A: Count is not understood here"),
        ({"Resources": {"A": {"Type": "x", "DependsOn": "B"}}}, r"A\.DependsOn: there is no"),
        ({"Resources": {"A": {"Type": "x", "DependsOn": ["A", "B"]}}}, r"A\.DependsOn: there"),
    ],
)
def test_what_would_be_ignored_here_but_not_on_deployment_is_refused(
    sections: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(TemplateError, match=sentence):
        template(**sections)


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(TemplateError, match="known: Name"):
        template({"Nmae": "x"}, Parameters={"Name": {"Default": "it"}})


def test_the_version_stays_a_string_and_a_double_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "template.yml"
    path.write_text("ROSTemplateFormatVersion: 2015-09-01\nResources: {}\n")
    assert Template(read_document(path), DEPLOYMENT, {}).resources() == ()
    path.write_text("Resources:\n  A: 1\n  A: 2\n")
    with pytest.raises(TemplateError, match="A is there twice"):
        read_document(path)
    path.write_text("Resources: [\n")
    with pytest.raises(TemplateError, match="not YAML"):
        read_document(path)


FUNCTION: dict[str, Any] = {
    "FunctionName": "it",
    "Handler": "index.handler",
    "Runtime": "python3.12",
}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"Runtime": "python3.6"}, "F.Runtime"),
        ({"Handler": None}, "F.Handler"),
        ({"Timeout": "soon"}, "F.Timeout"),
        ({"Timeout": 0}, "F.Timeout"),
        ({"MemorySize": 64}, "F.MemorySize"),
        ({"FunctionName": "no name"}, "F.FunctionName"),
        ({"InstanceConcurrency": 2}, "F.InstanceConcurrency"),
        (
            {"InstanceLifecycleConfig": {"PreStop": {"Handler": "index.stop", "Timeout": 91}}},
            "F.InstanceLifecycleConfig.PreStop.Timeout",
        ),
        ({"EnvironmentVariables": {"FC_MINE": "x"}}, "F.EnvironmentVariables.FC_MINE"),
        ({"EnvironmentVariables": {"1ST": "x"}}, "F.EnvironmentVariables.1ST"),
        ({"EnvironmentVariables": {"BIG": "x" * 4096}}, "F.EnvironmentVariables"),
        ({"EnvironmentVariables": {"MAP": {}}}, "F.EnvironmentVariables.MAP"),
        ({"Layers": ["acs:fc:cn-hongkong:1:layers/x/versions/1"]}, "F.Layers"),
    ],
)
def test_a_function_that_could_not_be_deployed_is_named(change: dict[str, Any], place: str) -> None:
    properties = {
        name: value for name, value in {**FUNCTION, **change}.items() if value is not None
    }
    resources = {"F": {"Type": "ALIYUN::FC3::Function", "Properties": properties}}
    metadata = {"Evermirror": {"Folders": {"F": "f"}}}
    with pytest.raises(TemplateError) as caught:
        stack_of(template(Resources=resources, Metadata=metadata), Path())
    assert caught.value.place == place


def test_a_function_without_a_folder_is_named() -> None:
    resources = {"F": {"Type": "ALIYUN::FC3::Function", "Properties": FUNCTION}}
    with pytest.raises(TemplateError, match=r"Metadata\.Evermirror\.Folders\.F"):
        stack_of(template(Resources=resources), Path())


def test_a_trigger_for_a_queue_that_is_not_there_is_named() -> None:
    resources = {
        "F": {"Type": "ALIYUN::FC3::Function", "Properties": FUNCTION},
        "T": {
            "Type": "ALIYUN::FC3::Trigger",
            "Properties": {
                "FunctionName": "it",
                "TriggerName": "events",
                "TriggerType": "eventbridge",
                "TriggerConfig": {
                    "eventSourceConfig": {
                        "eventSourceType": "MNS",
                        "eventSourceParameters": {"sourceMNSParameters": {"QueueName": "gone"}},
                    },
                },
            },
        },
    }
    with pytest.raises(TemplateError, match="trigger events: there is no queue gone"):
        stack_of(
            template(Resources=resources, Metadata={"Evermirror": {"Folders": {"F": "f"}}}), Path()
        )


def test_a_resource_whose_condition_fails_does_not_exist() -> None:
    sections = {
        **SECTIONS,
        "Resources": {"Q": {**SECTIONS["Resources"]["Queue"], "Condition": "IsNot"}},
    }
    assert template(**sections).resources() == ()
    with pytest.raises(TemplateError, match="does not exist here"):
        template(**sections, Outputs={"It": {"Value": {"Ref": "Q"}}}).outputs()
