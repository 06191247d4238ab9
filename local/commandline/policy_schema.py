"""The JSON Schema of the policy file, made of the words that the reader itself knows.

Editors complete and check by it while a policy is being written. It says of a policy what a schema
can say; names that must exist, rules that can never decide and pools that claim one another's
sessions stay with `evermirror policy check`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from commandline.policy_words import WORDS
from evermirror.policy import (
    discovering,
    growing,
    matching,
    pinning,
    pools,
    reading,
    session_tags,
    vocabulary,
)
from evermirror.policy.decision import VERSION
from evermirror.policy.matchers import FACTS
from evermirror.policy.sessions import POOL_TAG
from evermirror.policy.vocabulary import Kind

Schema = dict[str, Any]

_SHOWN = r"^[^\u0000-\u001f\u007f]*\S[^\u0000-\u001f\u007f]*$"
"""Not blank, and without control characters."""


def policy_schema() -> Schema:
    """The whole schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Evermirror policy",
        **_mapping(
            "policy",
            {
                "version": {"const": VERSION},
                "pools": {
                    "type": "object",
                    "propertyNames": {"$ref": "#/$defs/name"},
                    "additionalProperties": {"$ref": "#/$defs/pool"},
                },
                "members": {"enum": ["skip", "try"], "default": "skip"},
                "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}},
                "default": {
                    "default": "never",
                    "anyOf": [
                        {"const": "never"},
                        _mapping("default", {"pool": {"type": "string"}}, ["pool"]),
                    ],
                },
                "expect": {"type": "array", "items": {"$ref": "#/$defs/expectation"}},
            },
            ["version", "pools"],
        ),
        "$defs": _definitions(),
    }


def _definitions() -> Schema:
    return {
        "name": {"type": "string", "maxLength": reading.LONGEST_NAME, "pattern": _SHOWN},
        "pool": _pool(),
        "discover": _discover(),
        "grow": _grow(),
        "rule": _rule(),
        "expectation": _expectation(),
        "interface": _interface(),
        "matchers": _mapping("match", _matchers()),
        "match": {"$ref": "#/$defs/matchers", "minProperties": 1},
        "tag": {"type": "string", "maxLength": vocabulary.LONGEST_TAG, "not": {"const": "*"}},
        "tagKey": {"minLength": 1, "maxLength": vocabulary.LONGEST_TAG},
    }


def _mapping(owner: str, properties: Schema, required: list[str] | None = None) -> Schema:
    """A mapping of these keys alone, each with its meaning."""
    described = {
        key: {"description": WORDS[f"{owner}.{key}"], **schema}
        for key, schema in properties.items()
    }
    return {
        "type": "object",
        "properties": described,
        "required": required or [],
        "additionalProperties": False,
    }


def _id(kind: Kind) -> Schema:
    return {"type": "string", "pattern": f"^(?:{kind.pattern})$", "examples": [kind.example]}


def _one_or_more(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


def _distinct(schema: Schema) -> Schema:
    """One or more, none of them twice."""
    return {"anyOf": [schema, {**_one_or_more(schema)["anyOf"][1], "uniqueItems": True}]}


def _tags(value: Schema, **limits: Any) -> Schema:
    return {
        "type": "object",
        "propertyNames": {"$ref": "#/$defs/tagKey"},
        "additionalProperties": value,
        **limits,
    }


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _pool() -> Schema:
    by_key = {
        "sessions": _distinct(_id(vocabulary.SESSION)),
        "discover": {"$ref": "#/$defs/discover"},
        "targets": _distinct(_id(vocabulary.TARGET)),
        "filter": _id(vocabulary.FILTER),
        "directions": _distinct({"enum": list(pinning.DIRECTIONS)}),
        "was": _distinct({"$ref": "#/$defs/name", "pattern": _fits_a_tag()}),
        "sensors": {"$ref": "#/$defs/match"},
        "grow": {"$ref": "#/$defs/grow"},
    }
    pool = _mapping("pool", {key: by_key[key] for key in pools.POOL_KEYS})
    ways = [{"required": [key]} for key in pools.WAYS_TO_SESSIONS]
    return {**pool, "anyOf": ways, "allOf": list(_sensors_behind_balancers())}


def _sensors_behind_balancers() -> Iterator[Schema]:
    """What stands behind a load balancer must be named, wherever the pool names the balancer."""
    balancer = _id(vocabulary.LOAD_BALANCER)
    holder = {"properties": {"id": balancer}, "required": ["id"]}
    named: Schema = {
        "discover": {"properties": {"target": balancer}, "required": ["target"]},
        "grow": {
            "properties": {"targets": {"type": "array", "contains": holder}},
            "required": ["targets"],
        },
    }
    ways: Schema = {way: {"type": "object", **target} for way, target in named.items()}
    ways["targets"] = {"anyOf": [balancer, {"type": "array", "contains": balancer}]}
    for way, schema in ways.items():
        yield {
            "if": {"properties": {way: schema}, "required": [way]},
            "then": {"required": ["sensors"]},
        }


def _discover() -> Schema:
    tags = _session_tags({"minProperties": 1, "maxProperties": session_tags.MOST_LISTED})
    name = {
        "type": "string",
        "minLength": 1,
        "maxLength": vocabulary.LONGEST_NAME,
        "pattern": "^(?!https?://)",
    }
    by_key = {
        "filter": _id(vocabulary.FILTER),
        "target": _id(vocabulary.TARGET),
        "tags": tags,
        "name_prefix": name,
    }
    keys = {key: by_key[key] for key in discovering.DISCOVERY_KEYS}
    return {**_mapping("discover", keys), "minProperties": 1}


def _grow() -> Schema:
    priority = _whole(*growing.PRIORITIES)
    group = _id(vocabulary.KINDS["resource_group"])
    by_key: Schema = {
        "filter": _id(vocabulary.FILTER),
        "targets": {"type": "array", "items": _target(), "minItems": 1, "uniqueItems": True},
        "priorities": {"type": "array", "items": priority, "minItems": 2, "maxItems": 2},
        "max_sessions": _whole(*growing.SESSION_NUMBERS),
        "name": {
            "type": "string",
            "maxLength": vocabulary.LONGEST_NAME,
            "allOf": [{"pattern": _SHOWN}, {"pattern": "^(?!https?://)"}],
        },
        "packet_length": {**_whole(*growing.PACKET_LENGTHS), "type": ["integer", "null"]},
        "resource_group": {**group, "type": ["string", "null"]},
        "tags": _session_tags({"maxProperties": session_tags.MOST_MADE}, f"{POOL_TAG}$"),
    }
    keys = {key: by_key[key] for key in growing.GROWTH_KEYS}
    return _mapping("grow", keys, ["filter", "targets", "priorities", "max_sessions"])


def _target() -> Schema:
    kinds = growing.TARGET_KINDS
    any_id = {"type": "string", "examples": [kind.example for kind in kinds.values()]}
    target = _mapping("target", {"id": any_id, "type": {"enum": list(kinds)}}, ["id", "type"])
    fitting = [
        {"properties": {"type": {"const": word}, "id": _id(kind)}} for word, kind in kinds.items()
    ]
    return {**target, "anyOf": fitting}


def _session_tags(limits: Schema, *refused_keys: str) -> Schema:
    key = {"$ref": "#/$defs/tagKey", "pattern": _fits_a_tag(*refused_keys)}
    value = {"$ref": "#/$defs/tag", "pattern": _fits_a_tag()}
    return {**_tags(value, **limits), "propertyNames": key}


def _fits_a_tag(*refused: str) -> str:
    """The pattern of what a session's tag can be: its key, or its value."""
    return f"^(?!{'|'.join((*session_tags.FOREIGN_PREFIXES, *refused))})(?!.*https?://)"


def _result(**others: Schema) -> tuple[Schema, Schema]:
    """Properties with a result among them, and what makes sure that there is exactly one."""
    properties: Schema = {**others, "pool": {"type": "string"}, "never": {"const": True}}
    return properties, {"oneOf": [{"required": ["pool"]}, {"required": ["never"]}]}


def _rule() -> Schema:
    properties, one = _result(name={"$ref": "#/$defs/name"}, match={"$ref": "#/$defs/matchers"})
    return {**_mapping("rule", properties, ["match"]), **one}


def _expectation() -> Schema:
    properties, one = _result(interface={"$ref": "#/$defs/interface"}, rule={"type": "string"})
    return {**_mapping("expectation", properties, ["interface"]), **one}


def _fact(key: str) -> Schema:
    return (
        {"enum": list(vocabulary.INTERFACE_TYPES)} if key == "type" else _id(vocabulary.KINDS[key])
    )


def _matchers() -> Schema:
    matches = {"type": "array", "items": {"$ref": "#/$defs/match"}, "minItems": 1}
    by_key: Schema = {
        **{key: _one_or_more(_fact(key)) for key in FACTS},
        "tags": _tags(_one_or_more({"$ref": "#/$defs/tag"}), minProperties=1),
        "instance_tags": _tags(_one_or_more({"$ref": "#/$defs/tag"}), minProperties=1),
        "all": matches,
        "any": matches,
        "not": {"$ref": "#/$defs/match"},
    }
    return {key: by_key[key] for key in matching.MATCH_KEYS}


def _interface() -> Schema:
    by_key: Schema = {
        **{key: _fact(key) for key in FACTS},
        "security_group": _one_or_more(_fact("security_group")),
        "tags": _tags({"$ref": "#/$defs/tag"}),
        "instance_tags": _tags({"$ref": "#/$defs/tag"}),
        "service_managed": {"type": "boolean"},
        "trunk_network_interface": _fact("network_interface"),
    }
    return _mapping("interface", {key: by_key[key] for key in matching.EXAMPLE_KEYS})
