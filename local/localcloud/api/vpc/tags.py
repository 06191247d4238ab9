"""TagResources, UnTagResources and ListTagResources of VPC, for what traffic mirroring has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.api import tagging
from localcloud.api.context import Context
from localcloud.world.world import World

_CODES = tagging.Codes(
    unknown_type="InvalidInstanceType.NotFound",
    unknown_id="InvalidInstanceIds.NotFound",
    id_twice="DuplicatedParam.ResourceIds",
    too_many_ids="SizeLimitExceeded.ResourceId",
    too_many_tags="SizeLimitExceeded.TagNum",
    key_twice="Forbidden.TagKey.Duplicated",
    bad_key="InvalidTagKey",
    bad_value="InvalidTagValue",
    full="QuotaExceeded.TagNum",
    no_tags="MissingParam.Tags",
    nothing_named="BothEmpty.TagsAndResources",
    nothing_named_status=400,
)


def tag_resources(world: World, asked: tagging.TagResources, context: Context) -> Mapping[str, Any]:
    """Set tags on sessions or filters."""
    tagging.put_on(_product(world), asked, context)
    return {}


def untag_resources(
    world: World, asked: tagging.UntagResources, context: Context
) -> Mapping[str, Any]:
    """Take tags off sessions or filters."""
    tagging.take_off(_product(world), asked, context)
    return {}


def list_tag_resources(
    world: World, asked: tagging.ListTagResources, context: Context
) -> Mapping[str, Any]:
    """The tags of sessions or filters."""
    return tagging.listed(_product(world), world.behaviour.list_paging, asked, context)


def _product(world: World) -> tagging.Product:
    """The page of TagResources says that a ResourceType may be written in any case."""
    kinds: Mapping[str, tagging.Tagged] = {
        "TRAFFICMIRRORSESSION": world.sessions,
        "TRAFFICMIRRORFILTER": world.filters,
    }
    return tagging.Product(kinds, _CODES, str.upper)
