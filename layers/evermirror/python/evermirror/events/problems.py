"""Say what is wrong with an event, and where, because "invalid" alone helps nobody mend it."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Where = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

_SHOWN = 60


class InvalidEventError(ValueError):
    """This element cannot be acted on: `problem` is half a sentence about the thing at `where`."""

    def __init__(self, where: Where, problem: str) -> None:
        super().__init__(f"{spelled(where)} {problem}")
        self.where = where
        self.problem = problem


def spelled(where: Where) -> str:
    """Write a path as people write it: `[3].data.eniId`; the empty path is the delivery itself."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return text.removeprefix(".") or "the delivery"


def shown(value: object) -> str:
    """Quote a value in a sentence: short, printable, and on one line, whatever it is."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def validated(model: type[Model], value: object, where: Where) -> Model:
    """Return the value as this model, or raise InvalidEventError that names the first wrong key."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        message = first["msg"][:1].lower() + first["msg"][1:]
        raise InvalidEventError((*where, *first["loc"]), f"is wrong: {message}") from None
