"""For other people's tests: a pytest fixture that serves a local cloud, installed with the package.

    def test_something(local_cloud):
        cloud = local_cloud({"fleet": {"instances": 10, "sessions": 1}})
        client = Client(Config(endpoint=cloud.address, protocol="HTTP", ...))

Nothing of the local cloud is imported before a test asks for it: a plugin is loaded by every
pytest run in its environment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from localcloud.testing import ServedCloud


@pytest.fixture
def local_cloud() -> Iterator[Callable[..., ServedCloud]]:
    """Makes local clouds that end with the test: `local_cloud(fleet=None, speed=0)`.

    `fleet` is a fleet file's content. With speed 0 time stands still until `advance`; 1 is real
    time.
    """
    from localcloud.testing import serving  # noqa: PLC0415 - not before a test needs it

    with ExitStack() as running:

        def serve(fleet: Mapping[str, Any] | None = None, speed: float = 0) -> ServedCloud:
            return running.enter_context(serving(fleet, speed))

        yield serve
