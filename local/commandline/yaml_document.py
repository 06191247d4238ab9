"""Reads YAML as plain data that remembers its lines, because a reviewer thinks in lines.

The usual constructor forgets where a value stood, keeps the last of two equal keys without a
word, expands aliases without bound and descends as deep as the file says. This one does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import Reader

from evermirror.policy import Path, Problem

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_DEEPEST = 50
_MOST_VALUES = 200_000
_STANDARD = "tag:yaml.org,2002:"
_TEXT = {_STANDARD + "str", _STANDARD + "value"}
_OTHER_SCALARS = {_STANDARD + kind for kind in ("bool", "int", "float", "null", "timestamp")}
_COLLECTIONS = {_STANDARD + "map", _STANDARD + "seq"}
_MERGE = _STANDARD + "merge"


class YamlError(Exception):
    """The text cannot be read as YAML at all; `line` counts from 1."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True)
class YamlDocument:
    """Plain data, the line of every part, and the words that YAML took for something else.

    `problems` are mistakes that did not keep the rest from being read, such as a key given twice.
    """

    value: object
    lines: Mapping[Path, int]
    as_written: Mapping[Path, str]
    problems: tuple[Problem, ...]

    def line(self, path: Path) -> int:
        """Find the line of a part, or of the nearest part around it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str) -> YamlDocument:
    """Read one YAML document. Raises YamlError."""
    _refuse_unprintable(text)
    try:
        _refuse_depth(text)
        walk = _Walk(_Loader(text))
        node = walk.loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _as_yaml_error(error, text) from error
    value = None if node is None else walk.value(node, (), _line(node))
    return YamlDocument(value, walk.lines, walk.as_written, tuple(walk.problems))


def _refuse_unprintable(text: str) -> None:
    found = Reader.NON_PRINTABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise YamlError(
            line, f"contains the character U+{ord(found.group()):04X}, which YAML forbids"
        )


def _refuse_depth(text: str) -> None:
    # Before nodes are composed: composing descends with the file, events do not.
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise YamlError(_line(event), f"is nested more than {_DEEPEST} deep")


def _as_yaml_error(error: yaml.MarkedYAMLError, text: str) -> YamlError:
    line = error.problem_mark.line if error.problem_mark else 0
    lines = text.splitlines()
    if line < len(lines) and "\t" in lines[line]:
        return YamlError(line + 1, "contains a tab where YAML allows only spaces")
    sentence = ": ".join(filter(None, (error.context, error.problem)))
    return YamlError(line + 1, f"is not YAML: {sentence}")


def _line(place: yaml.Node | yaml.Event) -> int:
    return int(place.start_mark.line) + 1 if place.start_mark else 1


@dataclass
class _Walk:
    """One walk over the nodes of a document, aliases expanded within bounds."""

    loader: Any
    lines: dict[Path, int] = field(default_factory=dict)
    as_written: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    def value(self, node: yaml.Node, path: Path, line: int) -> object:
        self._stay_in_bounds(len(path), line)
        self.lines[path] = line
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path, line)
        if node.tag not in _COLLECTIONS:
            raise YamlError(line, f"has the tag {node.tag}; a policy is made of plain values")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        items = enumerate(node.value)
        return [self.value(item, (*path, index), _line(item)) for index, item in items]

    def _stay_in_bounds(self, depth: int, line: int) -> None:
        self.values += 1
        if depth > _DEEPEST:
            raise YamlError(line, "contains itself by an alias")
        if self.values > _MOST_VALUES:
            raise YamlError(line, f"has more than {_MOST_VALUES} values once aliases are expanded")

    def _mapping(self, node: yaml.MappingNode, path: Path, merges: int = 0) -> dict[str, object]:
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                mapping.update(self._merged(value_node, path, merges + 1))
        own: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag != _MERGE:
                line = _line(key_node)
                key = self._key(key_node, path, line)
                if key in own:
                    sentence = f"is given twice in one mapping, first on line {own[key]}"
                    self.problems.append(Problem((*path, key), sentence))
                own[key] = line
                mapping[key] = self.value(value_node, (*path, key), line)
        return mapping

    def _merged(self, node: yaml.Node, path: Path, merges: int) -> dict[str, object]:
        line = _line(node)
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, object] = {}
        for source in reversed(sources):
            if not isinstance(source, yaml.MappingNode):
                raise YamlError(line, "merges something that is not a mapping")
            self._stay_in_bounds(len(path) + merges, line)
            merged.update(self._mapping(source, path, merges))
        return merged

    def _key(self, node: yaml.Node, path: Path, line: int) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise YamlError(line, "has a key that is not text")
        if node.tag not in _TEXT:
            sentence = f'is a key that YAML does not read as text: write "{node.value}" in quotes'
            self.problems.append(Problem((*path, node.value), sentence))
        return str(node.value)

    def _scalar(self, node: yaml.ScalarNode, path: Path, line: int) -> object:
        if node.tag in _TEXT:
            return node.value
        if node.tag not in _OTHER_SCALARS:
            raise YamlError(line, f"has the tag {node.tag}; a policy is made of plain values")
        self.as_written[path] = node.value
        try:
            return self.loader.construct_object(node)
        except (ValueError, LookupError, AttributeError, OverflowError):
            kind = node.tag.removeprefix(_STANDARD)
            sentence = f'"{node.value}" is no {kind}, as YAML would read it: write it in quotes'
            raise YamlError(line, sentence) from None
