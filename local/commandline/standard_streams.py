"""Ends a process well only if what it printed is written; otherwise with one sentence and status 1.

Left alone, Python keeps what it could not write, tries again as it shuts down, then adds a message
of its own and ends with 120. `PYTHONUNBUFFERED` hides that, but few machines set it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@contextmanager
def written_out() -> Iterator[None]:
    """Around all that a process does; what the machine refuses there ends it with a sentence."""
    with redirect_stderr(_that_loses(sys.stderr)):
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A name in the policy that the encoding cannot write must not cost the answer.
                stream.reconfigure(errors="replace")
        try:
            try:
                yield
            finally:
                _write_out(sys.stdout)
        except BrokenPipeError:
            sys.exit(1)  # nobody reads on, so there is nobody to tell
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"Error: {where}{error.strerror or error}", err=True)
            sys.exit(1)


def _write_out(stream: TextIO | None) -> None:
    """Raises OSError; what it could not write is dropped, for nothing else may try it again."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        with suppress(OSError):
            stream.close()
        raise


def _that_loses(stream: TextIO | None) -> TextIO | None:
    """The same file, where a note that cannot be written costs neither the work nor its status."""
    if stream is None:
        return None
    try:
        file = _LosingFile(stream.fileno(), "w", closefd=False)
    except io.UnsupportedOperation:
        return stream  # memory, which takes everything
    buffer = io.BufferedWriter(file)
    return io.TextIOWrapper(buffer, stream.encoding, line_buffering=True)


class _LosingFile(io.FileIO):
    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes
