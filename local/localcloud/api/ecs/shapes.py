"""Shapes that ECS answers share: every list sits inside an object of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def tags(tags: Mapping[str, str]) -> dict[str, Any]:
    """Tags in ECS say TagKey and TagValue, where VPC says Key and Value."""
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in tags.items()]}


def private_ips(address: str) -> dict[str, Any]:
    """The set of private addresses that holds one primary address."""
    return {"PrivateIpSet": [{"PrivateIpAddress": address, "Primary": True}]}
