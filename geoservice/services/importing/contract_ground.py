"""Which zone, street or point a row of a contract sheet means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.services.importing.columns import shown
from geoservice.services.importing.rows import BadRow
from geoservice.store import contract_rows, point_rows, street_rows, zone_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from geoservice.services.importing.columns import Column
    from geoservice.services.importing.row_list import Row

WORDS = {
    "zone": "zone", "area": "zone", "region": "zone", "片区": "zone", "区域": "zone", "网格": "zone", "辖区": "zone", "包抓片区": "zone",
    "street": "street", "road": "street", "路段": "street", "街道": "street", "道路": "street", "街路": "street", "重点路段": "street",
    "point": "point", "spot": "point", "点位": "point", "点": "point", "重点点位": "point",
}  # fmt: skip


def ground_kinds(column: Column | None, fixed: str | None) -> Callable[[Row], str]:
    """How to know whether a row means a zone, a street or a point; a zone where nothing says so."""

    def kind_of(row: Row) -> str:
        word = column.text(row) if column and not fixed else fixed
        if word is None:
            return "zone"
        if word.casefold() not in WORDS:
            known = ", ".join(("zone", "street", "point", "片区", "路段", "点位"))
            raise BadRow(row.problem("unknown_ground_kind", shown(column), word, kinds=known))
        return WORDS[word.casefold()]

    return kind_of


class Grounds:
    """The zones, streets and points that a sheet names, looked up at once."""

    def __init__(
        self,
        session: Session,
        rows: Sequence[Row],
        kind_of: Callable[[Row], str],
        code: Column,
        level: Column | None,
    ) -> None:
        codes = sorted({value for row in rows if (value := code.code(row))})
        self._kind_of, self._code, self._level = kind_of, code, level
        self._zones = contract_rows.zones_by_code(session, codes)
        self._others = {
            "street": street_rows.street_ids(session, codes),
            "point": point_rows.point_ids(session, codes),
        }
        levels = zone_versions.levels(session)
        self._levels = {
            name.casefold(): level.code
            for level in levels
            for name in (level.name_zh, level.name_en, level.code)
        }

    def of(self, row: Row) -> tuple[str, int]:
        """Kind and id of the ground a row means; BadRow when there is none, or several."""
        kind, code = self._kind_of(row), self._code.code(row)
        if code is None:
            raise BadRow(row.problem("code_missing", self._code.shown))
        if kind == "zone":
            return kind, self._zone(row, code)
        if code not in self._others[kind]:
            raise BadRow(row.problem("unknown_ground", self._code.shown, code, kind=kind))
        return kind, self._others[kind][code]

    def _zone(self, row: Row, code: str) -> int:
        found = self._zones.get(code, [])
        word = self._level.text(row) if self._level else None
        if self._level is not None and word is not None:
            level = self._levels.get(word.casefold())
            if level is None:
                raise BadRow(
                    row.problem(
                        "unknown_level",
                        self._level.shown,
                        word,
                        level=word,
                        levels=", ".join(sorted(set(self._levels.values()))),
                    )
                )
            found = [each for each in found if each[0] == level]
        if not found:
            raise BadRow(row.problem("unknown_ground", self._code.shown, code, kind="zone"))
        if len(found) > 1:
            raise BadRow(
                row.problem(
                    "zone_ambiguous", self._code.shown, code, levels=", ".join(level for level, _ in found)
                )
            )
        return found[0][1]
