"""Input that does not fit is answered by a sentence naming the key, not by a validator's dump."""

from __future__ import annotations

from pydantic import ValidationError

# Names that the validator gives to the alternatives of a union: nothing that anybody wrote.
_ALTERNATIVES = ("constrained-", "tuple[", "function-")


def sentence_of(error: ValidationError, whole: str) -> str:
    """The first problems of a validation as `key.path: what is wrong`; `whole` names the input."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [
        f"{_path(problem['loc'], whole)}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in problems[:5]
    ]
    if len(problems) > len(lines):
        lines.append(f"and {len(problems) - len(lines)} more")
    return "; ".join(lines)


def _path(location: tuple[int | str, ...], whole: str) -> str:
    path = ""
    for part in location:
        if isinstance(part, str) and part.startswith(_ALTERNATIVES):
            continue
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path or whole
