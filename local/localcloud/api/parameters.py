"""Parameters as they travel, flat and all text, and the typed form that an action reads.

`Names.1=a&Names.2=b` is a list, `Tags.1.Key=k` a list of structures; counting begins at 1.
A boolean is true or false in any case (the Python client writes `True`). An empty value is as
good as none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from localcloud.refusals import RefusedError, missing, refused

# `IngressRules.1.Action` is as deep as parameters of this family go.
_DEEPEST = 3
_INTEGER = re.compile(r"-?[0-9]{1,18}")


def _boolean(value: object) -> object:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise ValueError("is either true or false")


def _integer(value: object) -> object:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise ValueError("is a whole number")


def _json_list(value: object) -> object:
    """A list that travels as JSON in one string, as DescribeInstances wants its InstanceIds."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise ValueError("is a JSON array in a string") from None


def _client_token(value: str) -> str:
    if not value.isascii():
        raise ValueError("is ASCII only")
    return value


Text = Annotated[str, Field(max_length=256)]
Boolean = Annotated[bool, BeforeValidator(_boolean)]
Integer = Annotated[int, BeforeValidator(_integer)]
Identifier = Annotated[str, Field(min_length=1, max_length=128)]
UpTo30 = Annotated[tuple[Identifier, ...], Field(max_length=30, min_length=1)]
UpTo100 = Annotated[tuple[Identifier, ...], Field(max_length=100)]
JsonUpTo100 = Annotated[tuple[Identifier, ...], Field(max_length=100), BeforeValidator(_json_list)]
ClientToken = Annotated[str, Field(max_length=64), BeforeValidator(_client_token)]


class Tag(BaseModel):
    """A tag to look for; without a value, any value will do."""

    model_config = ConfigDict(alias_generator=to_pascal, frozen=True)

    key: Text
    value: Text | None = None

    def fits(self, tags: Mapping[str, str]) -> bool:
        return self.key in tags and self.value in {None, tags[self.key]}


class Parameters(BaseModel):
    """What every action takes. The four names of the caller are accepted and mean nothing here.

    `WITHOUT_EFFECT` are parameters that an action has, and that change nothing here.
    """

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore", frozen=True)
    WITHOUT_EFFECT: ClassVar[frozenset[str]] = frozenset()

    region_id: Text
    owner_account: Text | None = None
    owner_id: Text | None = None
    resource_owner_account: Text | None = None
    resource_owner_id: Text | None = None


class TokenParameters(Parameters):
    """What an action takes that is done once for a client token."""

    client_token: ClientToken | None = None


class IdempotentParameters(TokenParameters):
    """What every action takes that changes something and can be tried dry."""

    dry_run: Boolean = False


# A tree of parameters: texts at the leaves, numbered or named branches.
_Tree = dict[str, Union[str, "_Tree"]]
ParametersT = TypeVar("ParametersT", bound=Parameters)


def read(model: type[ParametersT], flat: Mapping[str, str], product: str) -> ParametersT:
    """The typed parameters; `RefusedError` names the first that is missing or does not fit."""
    try:
        return model.model_validate(_unflattened(flat, product))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        # A client that forgot a parameter learns that first, whatever else is wrong.
        problems.sort(key=lambda problem: problem["type"] != "missing")
        location, kind = problems[0]["loc"], problems[0]["type"]
        if kind == "missing":
            raise _absent(product, ".".join(str(part) for part in location)) from None
        raise illegal(product, str(location[0]), problems[0]["msg"]) from None


def _absent(product: str, name: str) -> RefusedError:
    """VPC names the parameter in the code, ECS in the message."""
    return refused("MissingParameter", name) if product == "Ecs" else missing(name)


def unknown_names(model: type[Parameters], flat: Mapping[str, str]) -> list[str]:
    """The parameters that an action does not have."""
    known = {field.alias for field in model.model_fields.values()} | model.WITHOUT_EFFECT
    return sorted(name for name in flat if name.split(".")[0] not in known)


def illegal(product: str, name: str, why: str) -> RefusedError:
    """A value that does not fit: VPC names the parameter in the code, ECS in the message."""
    if product == "Ecs":
        return refused("InvalidParameter", f"{name} does not fit: {why}")
    return RefusedError(f"IllegalParam.{name}", 400, f"The parameter {name} does not fit: {why}.")


def _unflattened(flat: Mapping[str, str], product: str) -> dict[str, Any]:
    tree: _Tree = {}
    for name, value in flat.items():
        if value == "":
            continue
        *path, leaf = name.split(".", _DEEPEST)
        branch = tree
        for part in path:
            grown = branch.setdefault(part, {})
            if isinstance(grown, str):
                raise illegal(product, name, "is given as a text and as a list")
            branch = grown
        if leaf in branch:
            raise illegal(product, name, "is given as a text and as a list")
        branch[leaf] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: str | _Tree) -> Any:
    if isinstance(value, str):
        return value
    if all(_INTEGER.fullmatch(part) for part in value):
        return [_listed(value[part]) for part in sorted(value, key=int)]
    return {part: _listed(grown) for part, grown in value.items()}
