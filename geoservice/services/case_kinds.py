"""A further kind of case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from geoservice.domain.clocks import Clock
from geoservice.errors import BadRequest, Conflict
from geoservice.services.cases import set_kind
from geoservice.store.cases import CaseKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.services.cases import KindView

_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")


def add_kind(session: Session, code: str, changes: Mapping[str, Any], *, by: int | None) -> KindView:
    """Add a kind of case, which `changes` describe as for `set_kind`; Conflict for a code that is taken."""
    if not _CODE.fullmatch(code):
        raise BadRequest("case_kind_code_unreadable", value=code[:40])
    if session.get(CaseKind, code) is not None:
        raise Conflict("case_kind_known", code=code)
    session.add(
        CaseKind(code=code, name_zh=code, name_en=code, clock=Clock.WORKING_DAYS.value, handle_limit=1)
    )
    session.flush()
    return set_kind(session, code, changes, by=by)
