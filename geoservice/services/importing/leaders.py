"""The leaders a contract sheet names, by code or by name; unknown ones are made when they are first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.services.importing.rows import LONGEST_TEXT, BadRow, code_fault
from geoservice.store import contract_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geoservice.services.importing.columns import Column
    from geoservice.services.importing.row_list import Row


class Leaders:
    """Who is meant by a cell. `column` holds codes or names; with `names` beside it, it holds codes."""

    def __init__(
        self,
        session: Session,
        rows: Sequence[Row],
        column: Column | None,
        names: Column | None,
        *,
        known_only: bool,
    ) -> None:
        self.created: list[str] = []
        self._session, self._column, self._names, self._known_only = session, column, names, known_only
        self._by_code: dict[str, int] = {}
        self._by_name: dict[str, list[tuple[str, int]]] = {}
        if rows:
            for leader in contract_rows.leaders(session):
                self._by_code[leader.code] = leader.id
                self._by_name.setdefault(leader.name, []).append((leader.code, leader.id))

    def of(self, row: Row) -> int:
        """The id of the leader a row names; BadRow when nobody, or several, are."""
        assert self._column is not None, "a sheet without a column of leaders names them by role"
        code = self._column.code(row)
        name = self._names.text(row) if self._names else None
        return self._find(row, self._column.shown, code or name, name)

    def named(self, row: Row, shown: str, word: str) -> int:
        """The id of whom a code or name in a column means; BadRow when nobody, or several, are."""
        return self._find(row, shown, word, None)

    def _find(self, row: Row, shown: str, code: str | None, name: str | None) -> int:
        if fault := code_fault(row, shown, code, "leader"):
            raise BadRow(fault)
        assert code is not None
        if code in self._by_code:
            return self._by_code[code]
        if name is None or name == code:
            same = self._by_name.get(code, [])
            if len(same) > 1:
                codes = ", ".join(each for each, _ in same)
                raise BadRow(row.problem("leader_ambiguous", shown, code, codes=codes))
            if same:
                return same[0][1]
        return self._create(row, shown, code, name or code)

    def _create(self, row: Row, shown: str, code: str, name: str) -> int:
        if self._known_only:
            raise BadRow(row.problem("unknown_leader", shown, code))
        if len(name) > LONGEST_TEXT:
            raise BadRow(row.problem("text_too_long", shown, name, most=LONGEST_TEXT))
        leader_id = contract_rows.add_leaders(self._session, [(code, name)])[code]
        self._by_code[code] = leader_id
        self._by_name.setdefault(name, []).append((code, leader_id))
        self.created.append(code)
        return leader_id
