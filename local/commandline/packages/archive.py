"""Zips that are the same whenever and wherever they are made, so that a hash names a release."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

Files = Mapping[str, bytes]
"""What a zip holds: paths inside of it, with forward slashes, and contents."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The oldest time that a zip can say."""

_REGULAR, _READABLE = 0o100000, 0o644
_UNIX = 3


def archive(files: Files) -> bytes:
    """A zip of `files` in the order of their names, without times, owners or own permissions."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = (_REGULAR | _READABLE) << 16
            target.writestr(entry, files[name])
    return made.getvalue()
