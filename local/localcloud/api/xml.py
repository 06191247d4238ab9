"""Answers as XML, which is what calls of signature version 1 get unless they ask for JSON.

A list is its element again and again, as the RPC gateway writes it: there is no element around
a list unless the answer itself names one (`<Tags><Tag>...`, as ECS does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>"
# XML 1.0 has no way at all to write these.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(root: str, body: Mapping[str, Any]) -> str:
    """The whole document, with one element for each key."""
    inner = "".join(text for name, value in body.items() for text in _elements(name, value))
    return f"{_DECLARATION}<{root}>{inner}</{root}>"


def _elements(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _elements(name, one)
    elif isinstance(value, Mapping):
        inner = "".join(text for key, part in value.items() for text in _elements(key, part))
        yield f"<{name}>{inner}</{name}>"
    elif value is not None:
        yield f"<{name}>{_text(value)}</{name}>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_UNWRITABLE.sub("?", str(value)))
