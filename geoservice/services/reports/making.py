"""What a report says, as one JSON document, and the hash of what it was made from."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from geoservice.domain.report_kinds import window_before
from geoservice.domain.scoring import SUBJECTS, ranks, read_formula, red_and_black, score
from geoservice.errors import NotFound
from geoservice.services.reports import exposing
from geoservice.services.reports.facts import read_facts
from geoservice.services.reports.measures import measure, measure_city
from geoservice.store import report_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.indicators import Spread
    from geoservice.domain.report_kinds import ReportKind
    from geoservice.domain.scoring import Formula
    from geoservice.domain.windows import Window
    from geoservice.services.reports.facts import Facts
    from geoservice.services.reports.measures import Measured
    from geoservice.store.reports import Report, ScoreFormula

FORMAT = 1
"""Of the document; a change of what its fields mean raises it."""

Row = dict[str, Any]


def make_content(
    session: Session,
    settings: Settings,
    kind: ReportKind,
    window: Window,
    *,
    now: datetime,
    progress: Callable[[int], None] = lambda _percent: None,
) -> dict[str, Any]:
    """Return the content of a report of a window, by the formula of its last day, beside the published report before it."""
    formula = formula_on(session, window.to_on)
    before = report_rows.standing(session, kind, window_before(kind, window.from_on).from_on)
    facts = read_facts(session, settings, window, now=now, progress=progress)
    weights = read_formula(formula.weights)
    content: dict[str, Any] = {
        "format": FORMAT,
        "from": window.from_on.isoformat(),
        "to": window.to_on.isoformat(),
        "as_of": facts.span.until.isoformat(),
        "formula": {"id": formula.id, "name": formula.name, "weights": formula.weights},
        "before": {"number": before.number, "inputs_sha256": before.inputs_sha256.hex()} if before else None,
        "cases_sha256": digest_of(facts),
        "city": _row(measure_city(facts)),
        **{
            f"{by}s": rank_rows(measure(session, facts, by), weights, by, _rows_of(before, by))
            for by in SUBJECTS
        },
    }
    progress(90)
    content["gaps"] = exposing.worst_gaps(session, settings, facts)
    content["cases"] = exposing.worst_cases(session, facts)
    progress(100)
    return content


def rank_rows(
    measured: Sequence[Measured], formula: Formula, by: str, before: Mapping[tuple[str, int], Row]
) -> list[Row]:
    """Return the rows of one subject with points, rank, list and how it was before; zones are ranked within their level."""
    weights = formula.weights[by]
    rows = [_row(one) for one in measured]
    levels: dict[str, list[Row]] = defaultdict(list)
    for row, one in zip(rows, measured, strict=True):
        values = {code: rate.value for code, rate in one.rates.items()}
        row["points"] = score(weights, values, formula.least_known).points
        levels[f"{one.kind} {one.level}"].append(row)
    for mine in levels.values():
        points = {row["id"]: row["points"] for row in mine}
        place, listed = ranks(points), red_and_black(points, formula.lists)
        for row in mine:
            row["rank"], row["list"] = place.get(row["id"]), listed.get(row["id"])
            earlier = before.get((row["kind"], row["id"]))
            row["before"] = (
                {"points": earlier["points"], "rank": earlier["rank"]}
                if earlier and earlier["points"] is not None
                else None
            )
    return rows


def hash_of(content: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of what a report was made from; the same inputs have the same, whenever it is made."""
    return hashlib.sha256(canonical(content)).digest()


def canonical(value: Any) -> bytes:
    """Return JSON that is the same for the same value: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def digest_of(facts: Facts) -> str:
    """Return the SHA-256 of the histories, inspections and orders as they were read, row by row."""
    found = hashlib.sha256()
    written = json.JSONEncoder(default=_plain, ensure_ascii=False).encode
    for rows in (facts.cases, facts.tasks, facts.orders):
        for one in rows:
            found.update(written(vars(one)).encode() + b"\n")
    return found.hexdigest()


def formula_on(session: Session, on: date) -> ScoreFormula:
    """Return the formula that is in force on a day; NotFound where none is."""
    formula = report_rows.formula_on(session, on)
    if formula is None:
        raise NotFound("formula_missing", day=on.isoformat())
    return formula


def _plain(value: Any) -> Any:
    # An instant is the same instant in whatever zone the connection writes it.
    if isinstance(value, datetime):
        return value.timestamp()
    return value.isoformat() if isinstance(value, date) else vars(value)


def _rows_of(report: Report | None, by: str) -> dict[tuple[str, int], Row]:
    if report is None:
        return {}
    return {(row["kind"], row["id"]): row for row in report.content[f"{by}s"]}


def _row(one: Measured) -> Row:
    return {
        "kind": one.kind,
        "id": one.id,
        "code": one.code,
        "name": one.name,
        "level": one.level,
        "leader": one.leader,
        "rates": {code: [rate.numerator, rate.denominator] for code, rate in one.rates.items()},
        "counts": dict(one.counts),
        "handling": _spread(one.handling),
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "n": len(spread.hours),
        "mean_h": None if spread.mean is None else round(spread.mean, 2),
        "ninetieth_h": None if spread.ninetieth is None else round(spread.ninetieth, 2),
    }
