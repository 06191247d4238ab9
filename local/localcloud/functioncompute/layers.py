"""A folder that stands for `/opt`: the layers of a function, merged as the platform merges them.

Nothing is copied: a folder that only one layer has is a link to it, so that even a whole
site-packages costs a moment. Where several layers have the same path, the first listed wins
(Function Compute 3.0, "Layers").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Content:
    """Files of a layer: everything in `folder`, shown below `place` of the layer."""

    folder: Path
    place: str = ""
    leave_out: frozenset[str] = frozenset()


def merge(layers: Sequence[Content], opt: Path) -> None:
    """Make `opt` the union of the layers; it must not exist yet."""
    opt.mkdir(parents=True)
    for layer in layers:
        target = opt / layer.place if layer.place else opt
        _make_folder(opt, target)
        _add(layer.folder, target, layer.leave_out)


def _make_folder(opt: Path, target: Path) -> None:
    """Real folders down to `target`, opening those that are still links."""
    for part in reversed([target, *target.parents]):
        if opt in part.parents:
            _open(part)


def _open(folder: Path) -> None:
    """Turn a link to a folder into a folder of links, so that more can be added."""
    if folder.is_symlink():
        source = folder.resolve()
        folder.unlink()
        folder.mkdir()
        _add(source, folder, frozenset())
    else:
        folder.mkdir(exist_ok=True)


def _add(source: Path, target: Path, leave_out: frozenset[str]) -> None:
    for entry in sorted(source.iterdir()):
        if entry.name in leave_out:
            continue
        shown = target / entry.name
        if not shown.exists():
            shown.symlink_to(entry.resolve())
        elif entry.is_dir() and shown.is_dir():
            _open(shown)
            _add(entry, shown, frozenset())
