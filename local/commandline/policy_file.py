"""Reads policy files for people: whatever is wrong is told with its line, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from commandline.yaml_document import YamlDocument, YamlError, read_yaml
from evermirror.errors import PolicyError
from evermirror.policy import InvalidPolicyError, Policy, Problem, compile_policy, key_path
from evermirror.policy.expectations import unmet
from evermirror.policy.json_document import read_json
from evermirror.policy.review import growth_not_allowed, unpinned

_LARGEST = 1_000_000  # bytes; ten thousand sessions take a third of it


@dataclass(frozen=True, slots=True, order=True)
class LineProblem:
    """A problem at a line of a file, as `file:line: key.path: sentence`."""

    file: str
    line: int
    key: str
    sentence: str

    def __str__(self) -> str:
        return self._told("")

    @property
    def as_warning(self) -> str:
        """The same as compilers tell what is no mistake, so that editors find the place."""
        return self._told("warning: ")

    def _told(self, kind: str) -> str:
        key = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.line}: {kind}{key}{self.sentence}"


class PolicyFileError(PolicyError):
    """A policy file cannot be used; the message has a line for every problem, in file order."""

    def __init__(self, problems: Iterable[LineProblem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy that can be read, and what keeps it from being used.

    `unmet` are its own expectations; `growth` is what a stack that does not allow growth refuses;
    `warnings` keep it from nothing.
    """

    policy: Policy
    unmet: tuple[LineProblem, ...]
    growth: tuple[LineProblem, ...] = ()
    warnings: tuple[LineProblem, ...] = ()


def read_policy(path: Path) -> Policy:
    """Read a policy that meets its own expectations. Raises PolicyFileError, a PolicyError."""
    file = read_policy_file(path)
    if file.unmet:
        raise PolicyFileError(file.unmet)
    return file.policy


def read_policy_file(path: Path) -> PolicyFile:
    """Read a policy, YAML or compiled, and run its expectations.

    Raises PolicyFileError where the file cannot be read or is no policy.
    """
    try:
        document = _read_document(_read_text(path))
    except YamlError as error:
        raise PolicyFileError([LineProblem(str(path), error.line, "", error.sentence)]) from None
    problems = list(document.problems)
    try:
        policy = compile_policy(document.value, document.as_written)
    except InvalidPolicyError as error:
        problems.extend(error.problems)
    if problems:
        raise PolicyFileError(_with_lines(path, document, problems))
    return PolicyFile(
        policy,
        tuple(_with_lines(path, document, unmet(policy))),
        tuple(_with_lines(path, document, growth_not_allowed(policy))),
        tuple(sorted(_with_lines(path, document, unpinned(policy)))),
    )


def _with_lines(
    path: Path, document: YamlDocument, problems: Iterable[Problem]
) -> list[LineProblem]:
    return [
        LineProblem(
            str(path), document.line(problem.path), key_path(problem.path), problem.sentence
        )
        for problem in problems
    ]


def _read_document(text: str) -> YamlDocument:
    if not text.strip():
        raise YamlError(1, "is empty; a policy begins with `version: 1`")
    try:
        value, repeated = read_json(text)
    except (ValueError, RecursionError):
        return read_yaml(text)
    # YAML finds the lines of JSON too, but not all JSON is YAML: the two disagree about escaped
    # surrogate pairs and some characters.
    try:
        document = read_yaml(text)
    except YamlError:
        return YamlDocument(value, {}, {}, tuple(repeated))
    return replace(document, value=value, problems=document.problems or tuple(repeated))


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise YamlError(1, f"cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise YamlError(1, f"is larger than {_LARGEST:,} bytes, the most a policy may have")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlError(line, "is not UTF-8; save the file as UTF-8") from None
