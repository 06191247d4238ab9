"""Error codes of the calls about tags: those of VPC API 2016-04-28, then of ECS API 2014-05-26.

The words are our own, as in `refusals`.
"""

from __future__ import annotations

from collections.abc import Mapping

TAGS: Mapping[str, tuple[int, str]] = {
    "InvalidInstanceType.NotFound": (400, "Nothing of the type {detail} has tags here."),
    "InvalidInstanceIds.NotFound": (400, "There is no {detail}."),
    "DuplicatedParam.ResourceIds": (400, "A resource is named twice."),
    "SizeLimitExceeded.ResourceId": (400, "One call names at most 50 resources."),
    "SizeLimitExceeded.TagNum": (400, "One call names at most 20 tags."),
    "Forbidden.TagKey.Duplicated": (400, "The tag {detail} is given twice."),
    "InvalidTagKey": (400, "{detail} is not the key of a tag."),
    "InvalidTagValue": (400, "{detail} is not the value of a tag."),
    "QuotaExceeded.TagNum": (400, "{detail} would have more than 20 tags."),
    "MissingParam.Tags": (400, "{detail} is mandatory for this action."),
    "BothEmpty.TagsAndResources": (400, "Neither ResourceId nor Tag says what to list."),
    "InvalidResourceType.NotFound": (404, "Nothing of the type {detail} has tags here."),
    "InvalidResourceId.NotFound": (404, "There is no {detail}."),
    "NumberExceed.ResourceIds": (400, "One call names at most 50 resources."),
    "NumberExceed.Tags": (400, "One call names at most 20 tags."),
    "QuotaExceed.Tags": (403, "{detail} would have more than 20 tags."),
    "MissingParameter.Tags": (404, "{detail} is mandatory for this action."),
    "Param.Conflict": (403, "All and TagKey exclude each other."),
}
