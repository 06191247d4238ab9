"""What the documents of Function Compute and EventBridge leave open, one switch each.

Every default is the reading that is hardest on a function, or the one with the better source.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Deletion(str, Enum):
    """When an event stream deletes a message from its queue."""

    BEFORE_PUSH = "before_push"
    AFTER_PUSH = "after_push"


class Behaviour(BaseModel):
    """The switches; `PUT /_local/platform` sets them, a missing key is its default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    http_request_id: Literal["given", "empty"] = Field(
        default="given", description="Whether an HTTP event says its request id; captures differ."
    )
    http_bodies: Literal["as_needed", "base64"] = Field(
        default="as_needed",
        description="Whether an HTTP event has only bodies that are not UTF-8 in Base64, or all.",
    )
    http_extra_keys: Literal["refuse", "ignore"] = Field(
        default="refuse", description="What keys besides the four in an HTTP answer lead to."
    )
    asynchronous_repeats: int = Field(
        default=0,
        ge=0,
        le=10,
        description="How often a successful asynchronous invocation is run again.",
    )
    instances_per_region: int = Field(
        default=100, ge=0, description="Instances of an account; some pages say 300. Beyond: 429."
    )
    message_deletion: Deletion = Field(
        default=Deletion.AFTER_PUSH,
        description="When an event stream deletes a message from its queue.",
    )
    async_invocation_type: Literal["as_named", "reversed"] = Field(
        default="as_named",
        description="Whether asyncInvocationType true is asynchronous; two pages differ.",
    )
    batch_elements: Literal["objects", "strings"] = Field(
        default="objects", description="What the elements of a batch are; samples disagree."
    )


class Switches:
    """The behaviour in force."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.now = behaviour or Behaviour()
