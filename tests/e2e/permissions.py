"""The template with a permission taken out, and what a running product used of its permissions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from commandline.assembly import ROOT, TEMPLATE
from tests.unit.template.fitting import ACTIONS

from .conftest import Product

FUNCTIONS = {
    "MirrorRole": "mirror",
    "NotifyRole": "notify",
    "ReconcileRole": "reconcile",
    "WebhookRole": "webhook",
}
"""Whose each role is. That of EventBridge is no function's."""

NAMES = {**FUNCTIONS, "EventsRole": "events"}


def all_actions() -> dict[str, set[str]]:
    """By role what it allows where everything is switched on."""
    return {role: set().union(*by_condition.values()) for role, by_condition in ACTIONS.items()}


def template_without(folder: Path, role: str, action: str) -> Path:
    """A checkout whose template does not give this role this action."""
    document = yaml.safe_load(TEMPLATE.read_text())
    statements = document["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"][
        "Statement"
    ]
    found = [one for one in _granting(statements) if action in one["Action"]]
    assert found, f"{role} does not allow {action}"
    for statement in found:
        statement["Action"] = [one for one in statement["Action"] if one != action] or ["ram:None"]
    for name in ("functions", "layers"):
        (folder / name).symlink_to(ROOT / name)
    template = folder / TEMPLATE.name
    template.write_text(yaml.safe_dump(document))
    return template


def _granting(statements: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for statement in statements:
        yield from (one for one in [statement, *statement.get("Fn::If", [])] if "Action" in one)


def used(product: Product) -> dict[str, set[str]]:
    """By role what was asked and done: calls of the API in the journal, the rest by its record."""
    return {
        role: {
            *(
                f"{entry['product'].lower()}:{entry['action']}"
                for entry in product.cloud.journal()
                if entry["status"] == 200 and entry["function"] == FUNCTIONS.get(role, "none")
            ),
            *(
                asked["action"]
                for asked in product.cloud.control("GET", "permissions")
                if asked["allowed"] and f":role/evermirror-{name}-" in asked["principal"]
            ),
        }
        for role, name in NAMES.items()
    }


def invoked(product: Product) -> set[tuple[str, str]]:
    """Who invoked which function, of roles and functions by their names."""
    return {
        (name, asked["resource"].rpartition("/")[2])
        for asked in product.cloud.control("GET", "permissions")
        for name in NAMES.values()
        if asked["allowed"]
        and asked["action"] == "fc:InvokeFunction"
        and f":role/evermirror-{name}-" in asked["principal"]
    }


def may_invoke() -> set[tuple[str, str]]:
    """Who may invoke which function, as the template says."""
    resources = yaml.safe_load(TEMPLATE.read_text())["Resources"]
    return {
        (name, resource["Fn::Sub"].rpartition("}")[2])
        for role, name in NAMES.items()
        for policy in resources[role]["Properties"]["Policies"]
        for statement in _granting(policy["PolicyDocument"]["Statement"])
        if "fc:InvokeFunction" in statement["Action"]
        for resource in statement["Resource"]
    }


def refused(product: Product) -> set[tuple[str, str]]:
    """What functions, or EventBridge, tried and may not: principal or function, and action."""
    by_api = {
        (entry["function"], f"{entry['product'].lower()}:{entry['action']}")
        for entry in product.cloud.journal()
        if entry["code"] == "Forbidden.RAM"
    }
    by_record = {
        (name, asked["action"])
        for asked in product.cloud.control("GET", "permissions")
        for name in NAMES.values()
        if not asked["allowed"] and f":role/evermirror-{name}-" in asked["principal"]
    }
    return by_api | by_record
