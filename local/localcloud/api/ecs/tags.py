"""TagResources, UntagResources and ListTagResources of ECS, for instances and interfaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from localcloud.api import tagging
from localcloud.api.context import Context
from localcloud.refusals import refused
from localcloud.world.world import World

_CODES = tagging.Codes(
    unknown_type="InvalidResourceType.NotFound",
    unknown_id="InvalidResourceId.NotFound",
    id_twice="InvalidParameter",
    too_many_ids="NumberExceed.ResourceIds",
    too_many_tags="NumberExceed.Tags",
    key_twice="Duplicate.TagKey",
    bad_key="InvalidTagKey.Malformed",
    bad_value="InvalidTagValue.Malformed",
    full="QuotaExceed.Tags",
    no_tags="MissingParameter.Tags",
    nothing_named="BothEmpty.TagsAndResources",
    nothing_named_status=403,
)


class ListTagResources(tagging.ListTagResources):
    """Parameters of ListTagResources; looking for parts of tags is a preview."""

    WITHOUT_EFFECT: ClassVar[frozenset[str]] = frozenset({"TagFilter"})


def tag_resources(world: World, asked: tagging.TagResources, context: Context) -> Mapping[str, Any]:
    """Set tags on instances or interfaces."""
    tagging.put_on(_product(world), asked, context)
    return {}


def untag_resources(
    world: World, asked: tagging.UntagResources, context: Context
) -> Mapping[str, Any]:
    """Take tags off instances or interfaces; all of them, or those of some keys."""
    if asked.all and asked.tag_key:
        raise refused("Param.Conflict")
    tagging.take_off(_product(world), asked, context)
    return {}


def list_tag_resources(
    world: World, asked: ListTagResources, context: Context
) -> Mapping[str, Any]:
    """The tags of instances or interfaces."""
    return tagging.listed(_product(world), world.behaviour.describe_paging, asked, context)


def _product(world: World) -> tagging.Product:
    kinds: Mapping[str, tagging.Tagged] = {
        "instance": world.instances,
        "eni": world.network_interfaces,
    }
    return tagging.Product(kinds, _CODES)
