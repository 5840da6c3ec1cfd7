"""The formula that rankings are made by: a change makes a new version from a day on, and old reports keep theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.domain.scoring import read_formula
from geoservice.errors import BadRequest
from geoservice.store import audit, report_rows
from geoservice.store.reports import ScoreFormula

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

MOST_LETTERS = 80


@dataclass(frozen=True)
class FormulaView:
    """One version, in force from a day on until a newer one is."""

    id: int
    name: str
    weights: dict[str, Any]
    valid_from: date


def versions(session: Session) -> list[FormulaView]:
    """Return every version, the newest first."""
    return [_view(formula) for formula in report_rows.formulas(session)]


def change(
    session: Session, name: str, weights: Mapping[str, Any], *, valid_from: date, by: int | None
) -> FormulaView:
    """Add a version that holds from a day on; BadRequest says which part of it makes no sense."""
    title = name.strip()
    if not title or len(title) > MOST_LETTERS:
        raise BadRequest("formula_name_bad", most=MOST_LETTERS)
    formula = read_formula(weights)
    stored = {
        **{subject: dict(parts) for subject, parts in formula.weights.items()},
        "lists": {
            "red": formula.lists.red,
            "black": formula.lists.black,
            "red_from": formula.lists.red_from,
            "black_below": formula.lists.black_below,
        },
        "least_known": formula.least_known,
    }
    new = ScoreFormula(name=title, weights=stored, made_by=by, valid_from=valid_from)
    report_rows.add(session, new)
    audit.record(session, by, "formula.change", "score_formula", str(new.id), {"weights": stored})
    return _view(new)


def _view(formula: ScoreFormula) -> FormulaView:
    return FormulaView(formula.id, formula.name, formula.weights, formula.valid_from)
