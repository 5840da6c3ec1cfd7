"""No invalid geometry is stored: the database looks at each, unless whoever writes has just looked at all of them himself."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

_SAID = "coalesce(current_setting('app.geometry_checked', true), '') = 'on'"
VALID_GEOMETRY = f"({_SAID} OR ST_IsValid(geom)) AND NOT ST_IsEmpty(geom)"
_SAY = text("SELECT set_config('app.geometry_checked', :said, true)")


@contextmanager
def geometry_checked(session: Session) -> Iterator[None]:
    """While rows are written of which GEOS has already said, in this process, that they are valid: it need not say so twice.

    Ends with the block, and with the transaction or savepoint.
    """
    session.execute(_SAY, {"said": "on"})
    yield
    session.execute(_SAY, {"said": ""})
