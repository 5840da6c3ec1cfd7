"""One child for all tests of reading, and small files written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geoservice.formats import Limits, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader(Limits(wall_seconds=30)) as shared:
        yield shared
