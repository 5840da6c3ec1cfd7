"""To be built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoservice.jobs.work import Work


def look(work: Work) -> dict[str, Any]:
    """To be built."""
    raise NotImplementedError


def check(work: Work) -> dict[str, Any]:
    """To be built."""
    raise NotImplementedError


def apply(work: Work) -> dict[str, Any]:
    """To be built."""
    raise NotImplementedError
