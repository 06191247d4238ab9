"""Code and layers are on a read-only disk: a function that writes there fails here as well.

An audit hook sees whatever Python itself opens, makes, moves or removes. Processes that a
function starts are not seen.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Where in an event's arguments a changed path is, and the folder it is relative to.
_CHANGES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.link": ((1, 3),),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.utime": ((0, 3),),
}


def guard(folders: Sequence[str]) -> None:
    """Refuse from now on to change anything below these folders."""
    inside = tuple(f"{folder}/" for folder in folders)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        for path in _changed(event, arguments):
            if path.startswith(inside):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    sys.addaudithook(refuse)


def _changed(event: str, arguments: tuple[Any, ...]) -> Iterator[str]:
    if event == "open":
        path, mode, flags = arguments
        # The folder that os.open may be given is not told, so its relative paths are let through.
        if isinstance(flags, int) and flags & _WRITING and (mode or _is_absolute(path)):
            yield from _whole(path, None)
        return
    for position, folder in _CHANGES.get(event, ()):
        yield from _whole(arguments[position], arguments[folder] if folder else None)


def _is_absolute(path: Any) -> bool:
    return isinstance(path, (str, bytes, os.PathLike)) and os.path.isabs(path)  # noqa: PTH117 - may be bytes


def _whole(path: Any, folder: int | None) -> Iterator[str]:
    if not isinstance(path, (str, bytes, os.PathLike)):
        return
    try:
        here = os.readlink(f"/proc/self/fd/{folder}") if folder and folder > 0 else os.getcwd()  # noqa: PTH109, PTH115 - as cheap as it can be
    except OSError:
        return
    yield os.path.normpath(os.path.join(here, os.fsdecode(path)))  # noqa: PTH118 - as above
