"""Turns plain data or a compiled file into a policy, or into everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path as FilePath

from evermirror.errors import PolicyError
from evermirror.model import Instance, NetworkInterface
from evermirror.policy.decision import Policy
from evermirror.policy.document import read_document
from evermirror.policy.json_document import read_json
from evermirror.policy.matching import read_example
from evermirror.policy.reading import AsWritten, InvalidPolicyError, Part

_AS_IT_IS: AsWritten = {}


def compile_policy(document: object, as_written: AsWritten = _AS_IT_IS) -> Policy:
    """Build the policy that plain data describes, as a YAML or JSON reader gives it.

    `as_written` tells, by path, the words of the file where the reader made something other than
    text of them, so that a problem can quote them. Raises InvalidPolicyError with every problem.
    """
    from evermirror.policy.review import review  # noqa: PLC0415 - never on a cold start

    part = Part(document, as_written=as_written)
    policy = read_document(part)
    problems = [*part.problems, *review(policy, part.problems)]
    if problems:
        raise InvalidPolicyError(problems)
    return policy


def example_interface(
    description: object, as_written: AsWritten = _AS_IT_IS
) -> tuple[NetworkInterface, Instance]:
    """Build the interface, and its instance, that plain data describes as `expect` does.

    Raises InvalidPolicyError with every problem.
    """
    part = Part(description, as_written=as_written)
    example = read_example(part)
    if part.problems:
        raise InvalidPolicyError(part.problems)
    return example


def load(path: FilePath) -> Policy:
    """Read a compiled policy. Raises PolicyError, naming the file, when it cannot be used."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read: {error.strerror}") from error
    return loads(content, str(path))


def loads(content: bytes, name: str) -> Policy:
    """Read a compiled policy that is called `name` in the PolicyError of one that is unusable."""
    try:
        document, problems = read_json(content)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"{name}: is not a compiled policy: {error}") from error
    part = Part(document, problems=problems)
    policy = read_document(part)
    if part.problems:
        raise PolicyError("\n".join(f"{name}: {problem}" for problem in part.problems))
    return policy
