"""Which code of a file stands where for the first time, over all its parts."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoservice.services.importing.flow import Report
    from geoservice.services.importing.row_list import Rows


class FirstRows:
    """The codes so far, each with the row that had it first. `column` is how the user knows where codes stand."""

    def __init__(self, column: str | None) -> None:
        self._column = column
        self._first: dict[str, int] = {}
        self._files: list[str] = []
        self._numbers = array("q")

    def keep(self, codes: Sequence[str], rows: Rows, places: Sequence[int], report: Report) -> list[int]:
        """Indexes of the codes that were not there before; the others are rejected. `places` are their indexes in `rows`."""
        start = len(self._files)
        files, numbers = rows.files(), rows.numbers()
        self._files += [files[place] for place in places]
        self._numbers.extend([numbers[place] for place in places])
        new = set(codes)
        if len(new) == len(codes) and self._first.keys().isdisjoint(new):
            self._first.update(zip(codes, range(start, start + len(codes)), strict=True))
            return list(range(len(codes)))
        return [
            index
            for index, code in enumerate(codes)
            if self._is_first(code, start + index, rows, places[index], report)
        ]

    def _is_first(self, code: str, here: int, rows: Rows, place: int, report: Report) -> bool:
        first = self._first.setdefault(code, here)
        if first != here:
            shown = f"{self._files[first]}:{self._numbers[first]}"
            report.rejected.append(rows[place].problem("duplicate_code", self._column, code, first=shown))
        return first == here
