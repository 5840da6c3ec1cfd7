"""What people say of a draft, refused when it makes no sense or somebody else was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.config import Settings


def choose(
    session: Session,
    settings: Settings,
    draft_id: int,
    choices: Mapping[str, str],
    *,
    by: int | None,
    row_version: int,
) -> None:
    """Add to what was chosen; a blank value takes a choice back.

    Keys: `kind`, the names of `options_of(kind)` and `column.<role>` of `roles_of(kind)`. BadRequest names what is unknown,
    Conflict `draft_changed` when `row_version` is not the newest, `draft_busy` while a job works on it. Afterwards the state is
    `received` when the file has to be looked at again (another layer, encoding or CRS), else `looked`: a check is due. Only
    `repairs` = `take` leaves a checked draft checked.
    """
    raise NotImplementedError
