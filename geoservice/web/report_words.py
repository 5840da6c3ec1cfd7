"""Reports as the pages show them: their words, rows with what is the reader's own marked, and who may look over drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import format_decimal

from geoservice.domain.indicators import RATES
from geoservice.domain.report_kinds import ReportKind
from geoservice.domain.scoring import SUBJECTS, read_formula
from geoservice.services import levels
from geoservice.services.reports.measures import COUNTS
from geoservice.services.reports.writing import Reader, change_of, group_word, in_order, kind_word, rules_of
from geoservice.services.written import M2_PER_HECTARE, M2_PER_KM2, M_PER_KM
from geoservice.web.deployment import current_settings
from geoservice.web.identity import current_scope, the_account
from geoservice.web.texts import current_locale
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geoservice.services.reports import ReportView

Row = dict[str, Any]
ROWS_OPEN = 10
# From how much on a denominator is written in a larger unit, as `words.write_area` and `write_length` do.
_UNITS = {
    "coverage_rate": ((M2_PER_KM2, "#,##0.00"), (M2_PER_HECTARE, "#,##0.0")),
    "street_rate": ((M_PER_KM, "#,##0.0"),),
}


def reader_here(session: Session) -> Reader:
    """Return who reads this page."""
    locale = current_locale()
    names = {
        level.code: level.name_zh if locale.startswith("zh") else level.name_en
        for level in levels.list_levels(session)
    }
    return Reader(locale, current_settings().zone_info, names)


def page_values(session: Session, view: ReportView) -> dict[str, Any]:
    """Return what the template of a report needs beside the report."""
    reader, content = reader_here(session), view.content
    formula = read_formula(content["formula"]["weights"])
    return {
        "view": view,
        "content": content,
        "kinds": list(ReportKind),
        "groups": {subject: groups_of(content[f"{subject}s"], reader) for subject in SUBJECTS},
        "listed": {
            colour: [
                row
                for subject in SUBJECTS
                for row in in_order(content[f"{subject}s"])
                if row["list"] == colour
            ]
            for colour in ("red", "black")
        },
        "weights": formula.weights,
        "rules": rules_of(formula, reader),
        "group_word": lambda row: group_word(row, reader),
        "kind_word": lambda case: kind_word(case, reader.locale),
        "rows_open": ROWS_OPEN,
        "codes": [code for code in RATES if code in content["city"]["rates"]],
        "counted": COUNTS,
        **words(),
    }


def words() -> dict[str, Any]:
    """Return the functions that templates of reports call."""
    return {
        "word": lambda code: say(code, {}),
        "change_of": change_of,
        "is_mine": is_mine,
        "subjects": SUBJECTS,
        "share_of": lambda pair: pair[0] / pair[1] if pair[1] else None,
        "part_of": write_part,
    }


def write_part(code: str, pair: Sequence[float]) -> str:
    """Write the numerator of a share of ground or street in the unit of its denominator, after which the unit is said once."""
    for size, pattern in _UNITS[code]:
        if pair[1] >= size:
            return str(format_decimal(pair[0] / size, pattern))
    return str(format_decimal(pair[0], "#,##0"))


def groups_of(rows: list[Row], reader: Reader) -> list[tuple[str, list[Row]]]:
    """Return rows as (who is ranked among each other, in order of rank)."""
    found: dict[str, list[Row]] = {}
    for row in in_order(rows):
        found.setdefault(group_word(row, reader), []).append(row)
    return list(found.items())


def is_mine(row: Row) -> bool:
    """Tell whether a row is about the reader, his office or his ground."""
    account, scope = the_account(), current_scope()
    if row["kind"] == "zone":
        return row["id"] in scope.zone_ids
    own = {"leader": account.leader_id, "department": account.department_id, "member": account.member_id}
    return bool(own.get(row["kind"]) == row["id"] or (row["kind"] == "inspector" and row["id"] == account.id))
