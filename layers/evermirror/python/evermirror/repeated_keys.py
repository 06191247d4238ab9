"""Marks JSON objects that give a key twice: readers keep the last of the two, and say nothing."""

from __future__ import annotations

from collections import Counter


class RepeatedKey(dict[str, object]):
    """An object that gives the key `key` twice: which of the two is meant, nobody can say."""

    __slots__ = ("key",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs)
        self.key = counts.most_common(1)[0][0]


def marked(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of these pairs; an `object_pairs_hook` of the standard library's decoder."""
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else RepeatedKey(pairs)
