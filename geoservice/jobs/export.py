"""To be built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoservice.jobs.work import Work


def export(work: Work) -> dict[str, Any]:
    """To be built."""
    raise NotImplementedError
