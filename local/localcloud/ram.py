"""Who may do what: policies of Resource Access Management (RAM), read and then asked.

A policy is a document in RAM's own form ("Policy structure and syntax", "Policy elements"):

    {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "vpc:List*", "Resource": "*"}]}

Actions are compared in any case, resources letter by letter; `*` and `?` are wildcards in both. A
Deny wins over every Allow, and what no statement allows is denied. `Condition` is refused rather
than ignored: a policy that means less than it says would prove nothing.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from localcloud.sentences import sentence_of

_ACTION = re.compile(r"\*|[^:\s]+:[^:\s]+")
_RESOURCE = re.compile(r"\*|acs:.+", re.DOTALL)
_Pattern = re.Pattern[str]


class PolicyError(ValueError):
    """A document is no policy of RAM; the message names the place and says what is wrong."""


class Decision(Enum):
    """What a policy says about a call; the values are the words of `NoPermissionType`."""

    ALLOWED = "Allowed"
    EXPLICIT_DENY = "ExplicitDeny"
    IMPLICIT_DENY = "ImplicitDeny"


@dataclass(frozen=True, slots=True)
class _Matcher:
    """One or more patterns; with `inverted` it fits what none of them fits."""

    patterns: tuple[_Pattern, ...]
    inverted: bool

    def fits(self, text: str) -> bool:
        return any(one.match(text) for one in self.patterns) != self.inverted


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a policy, ready to be asked."""

    allows: bool
    actions: _Matcher
    resources: _Matcher

    def applies(self, action: str, resource: str) -> bool:
        return self.actions.fits(action) and self.resources.fits(resource)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a principal may do, out of one document or several. Without a statement: nothing."""

    statements: tuple[Statement, ...] = ()

    @classmethod
    def read(cls, *documents: object) -> Policy:
        """All documents attached to a principal, as one; `PolicyError` for what is none."""
        return cls(tuple(_read(one) for document in documents for one in _statements(document)))

    @classmethod
    def together(cls, policies: Iterable[Policy]) -> Policy:
        """Several policies of one principal as one: a Deny in any of them wins."""
        return cls(tuple(one for policy in policies for one in policy.statements))

    def decide(self, action: str, resource: str) -> Decision:
        """`action` as in `vpc:ListTrafficMirrorSessions`, `resource` a whole resource name."""
        applying = [one for one in self.statements if one.applies(action, resource)]
        if not applying:
            return Decision.IMPLICIT_DENY
        if all(one.allows for one in applying):
            return Decision.ALLOWED
        return Decision.EXPLICIT_DENY

    def allows(self, action: str, resource: str) -> bool:
        return self.decide(action, resource) is Decision.ALLOWED


def resource_name(service: str, region: str, account_id: str, relative_id: str) -> str:
    """A resource's name: `acs:vpc:cn-hongkong:1234567890123456:trafficmirrorsession/tms-1`."""
    return f"acs:{service}:{region}:{account_id}:{relative_id}"


def _action(text: str) -> str:
    if not _ACTION.fullmatch(text):
        raise ValueError(f"{text!r} is not of the form service:Action")
    return text


def _resource(text: str) -> str:
    if not _RESOURCE.fullmatch(text):
        raise ValueError(f"{text!r} is not of the form acs:service:region:account:resource")
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _some(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise ValueError("is an empty list")
    return values


_Actions = Annotated[tuple[Annotated[str, AfterValidator(_action)], ...], AfterValidator(_some)]
_Resources = Annotated[tuple[Annotated[str, AfterValidator(_resource)], ...], AfterValidator(_some)]


class _StatementForm(BaseModel):
    """A statement as it is written."""

    model_config = ConfigDict(extra="forbid")

    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    action: _Actions | None = Field(default=None, alias="Action")
    not_action: _Actions | None = Field(default=None, alias="NotAction")
    resource: _Resources | None = Field(default=None, alias="Resource")
    not_resource: _Resources | None = Field(default=None, alias="NotResource")

    @model_validator(mode="before")
    @classmethod
    def _one_value_is_a_list(cls, written: Any) -> Any:
        if not isinstance(written, dict):
            return written
        if "Condition" in written:
            raise ValueError(
                "Condition is not understood here; leave the statement's condition out"
            )
        if "Principal" in written:
            raise ValueError("Principal belongs to policies of resources, not of principals")
        return {
            name: value if name == "Effect" else _listed(value) for name, value in written.items()
        }

    @model_validator(mode="after")
    def _one_of_each(self) -> _StatementForm:
        if (self.action is None) == (self.not_action is None):
            raise ValueError("needs either Action or NotAction")
        if (self.resource is None) == (self.not_resource is None):
            raise ValueError("needs either Resource or NotResource")
        return self


class _DocumentForm(BaseModel):
    """A policy document as it is written."""

    model_config = ConfigDict(extra="forbid")

    version: Literal["1"] = Field(alias="Version")
    statement: Annotated[
        tuple[_StatementForm, ...], Field(alias="Statement"), AfterValidator(_some)
    ]


def _statements(document: object) -> tuple[_StatementForm, ...]:
    try:
        return _DocumentForm.model_validate(document).statement
    except ValidationError as error:
        raise PolicyError(sentence_of(error, "policy")) from None


def _read(form: _StatementForm) -> Statement:
    actions = form.action or form.not_action or ()
    resources = form.resource or form.not_resource or ()
    return Statement(
        form.effect == "Allow",
        _matcher(actions, inverted=form.action is None, any_case=True),
        _matcher(resources, inverted=form.resource is None, any_case=False),
    )


def _matcher(patterns: tuple[str, ...], *, inverted: bool, any_case: bool) -> _Matcher:
    return _Matcher(tuple(_compiled(one, any_case=any_case) for one in patterns), inverted)


def _compiled(pattern: str, *, any_case: bool) -> _Pattern:
    # Only * and ? are wildcards; the bracket is one for fnmatch alone.
    wildcards = fnmatch.translate(pattern.replace("[", "[[]"))
    return re.compile(wildcards, re.IGNORECASE if any_case else 0)
