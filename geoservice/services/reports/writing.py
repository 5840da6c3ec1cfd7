"""A report as a document in a reader's language, for Excel and Word; the page shows the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geoservice.domain.indicators import RATES
from geoservice.domain.scoring import SUBJECTS, read_formula
from geoservice.formats.report_document import Column, Document, Kind, Part, Picture, Share, Table, Words
from geoservice.messages import sentence
from geoservice.services.reports.measures import COUNTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from zoneinfo import ZoneInfo

    from geoservice.domain.scoring import Formula
    from geoservice.formats.report_document import Cell
    from geoservice.services.reports.publishing import ReportView

Row = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    """In what language and time zone somebody reads; `level_names` by code."""

    locale: str
    zone: ZoneInfo
    level_names: dict[str, str]

    def say(self, code: str, **values: Any) -> str:
        """Return the words of a code."""
        return sentence(code, values, self.locale)

    def instant(self, text: str | datetime) -> str:
        """Write an instant to the minute."""
        at = datetime.fromisoformat(text) if isinstance(text, str) else text
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"


def document_of(
    view: ReportView, reader: Reader, photo: Callable[[str], bytes | None] = lambda _name: None
) -> Document:
    """Return a report as a document; `photo` returns a JPEG by its name, None where it is not there."""
    say, content = reader.say, view.content
    formula = read_formula(content["formula"]["weights"])
    parts = [
        *([Part(say("part_remarks"), (view.remarks,))] if view.remarks else []),
        _overview(content, reader),
        _counts(content["city"], reader),
        *_lists(content, reader),
        *(_ranking(content, subject, formula, reader) for subject in SUBJECTS if content[f"{subject}s"]),
        _gaps(content["gaps"], reader),
        _cases(content["cases"], reader, photo),
        _weights(formula, content["formula"]["name"], reader),
    ]
    words = Words(say("word_none"), say("column_share"), say("column_numerator"), say("column_denominator"))
    return Document(
        f"{say(f'report_{view.kind}')} {view.number}",
        f"{period_of(view, reader)} · {state_of(view, reader)}",
        words,
        tuple(parts),
        (say("note_hash", hash=view.inputs_sha256),),
    )


def period_of(view: ReportView, reader: Reader) -> str:
    """Write the days of a report."""
    window = view.window
    if window.from_on == window.to_on:
        return window.from_on.isoformat()
    return reader.say("note_period", from_on=window.from_on.isoformat(), to_on=window.to_on.isoformat())


def state_of(view: ReportView, reader: Reader) -> str:
    """Write whether a report is published."""
    if view.withdrawn_at is not None:
        return reader.say("note_withdrawn", at=reader.instant(view.withdrawn_at))
    if view.published_at is not None:
        return reader.say("note_published", at=reader.instant(view.published_at))
    return reader.say("note_draft")


def _overview(content: Row, reader: Reader) -> Part:
    say, city, before = reader.say, content["city"], content["before"]
    note = say("note_before", number=before["number"]) if before else say("note_no_before")
    columns = (
        Column(say("column_indicator")), Column(say("column_share"), Kind.SHARE), Column(say("column_formula")),
    )  # fmt: skip
    rows = tuple(
        (say(f"indicator_{code}"), Share(*city["rates"][code]), say(f"formula_{code}"))
        for code in RATES
        if code in city["rates"]
    )
    return Part(say("part_overview"), (note,), Table(columns, rows))


def _counts(city: Row, reader: Reader) -> Part:
    say, handling = reader.say, city["handling"]
    rows: list[tuple[Cell, ...]] = [(say(f"count_{code}"), city["counts"][code]) for code in COUNTS]
    rows += [
        (say("column_handled"), handling["n"]),
        (say("column_mean"), handling["mean_h"]),
        (say("column_ninetieth"), handling["ninetieth_h"]),
    ]
    columns = (Column(say("column_indicator")), Column(say("column_count"), Kind.NUMBER))
    return Part(say("part_counts"), (), Table(columns, tuple(rows)))


def _lists(content: Row, reader: Reader) -> Iterable[Part]:
    say = reader.say
    rows = [
        (say(f"list_{row['list']}"), group_word(row, reader), row["name"], row["rank"], row["points"])
        for subject in SUBJECTS
        for row in content[f"{subject}s"]
        if row["list"]
    ]
    if rows:
        columns = (
            Column(say("column_list")), Column(say("column_subject")), Column(say("column_name")),
            Column(say("column_rank"), Kind.NUMBER), Column(say("column_points"), Kind.NUMBER),
        )  # fmt: skip
        yield Part(say("part_lists"), (), Table(columns, tuple(rows)))


def group_word(row: Row, reader: Reader) -> str:
    """Return among whom a row is ranked: the zones of its level, leaders, departments, members, inspectors."""
    if row["kind"] == "zone":
        return reader.level_names.get(row["level"], str(row["level"]))
    if row["kind"] in {"member", "inspector"}:
        return reader.say(f"kind_{row['kind']}")
    return reader.say(f"by_{row['kind']}")


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows as a ranking shows them: level by level, the first first, those without a rank at the end."""
    found = list(rows)
    groups = {(row["kind"], row["level"]): number for number, row in reversed(list(enumerate(found)))}
    return sorted(
        found,
        key=lambda row: (
            groups[row["kind"], row["level"]],
            row["rank"] is None,
            row["rank"] or 0,
            row["code"],
        ),
    )


def _ranking(content: Row, subject: str, formula: Formula, reader: Reader) -> Part:
    say, rows = reader.say, in_order(content[f"{subject}s"])
    first = (
        Column(say("column_subject")), Column(say("column_rank"), Kind.NUMBER), Column(say("column_name")),
        Column(say("column_points"), Kind.NUMBER), Column(say("column_change"), Kind.NUMBER), Column(say("column_list")),
    )  # fmt: skip
    codes = [code for code in RATES if any(code in row["rates"] for row in rows)]
    more = (
        Column(say("column_code")), Column(say("column_leader")), Column(say("column_before"), Kind.NUMBER),
        *(Column(say(f"indicator_{code}"), Kind.SHARE) for code in codes),
        Column(say("column_handled"), Kind.NUMBER), Column(say("column_mean"), Kind.NUMBER), Column(say("column_ninetieth"), Kind.NUMBER),
    )  # fmt: skip
    whole = tuple((*_short(row, reader), *_long(row, codes)) for row in rows)
    weighted = [code for code in formula.weights[subject] if code in codes]
    ranked = [row for row in rows if row["rank"] is not None]
    brief = tuple((*_short(row, reader), *_shares(row, weighted[:2])) for row in ranked)
    brief_columns = (*first, *(Column(say(f"indicator_{code}"), Kind.SHARE) for code in weighted[:2]))
    notes = (say("note_in_excel"),) if len(ranked) < len(rows) or len(codes) > 2 else ()
    return Part(say(f"by_{subject}"), notes, Table((*first, *more), whole), Table(brief_columns, brief))


def _short(row: Row, reader: Reader) -> tuple[Cell, ...]:
    listed = reader.say(f"list_{row['list']}") if row["list"] else ""
    return (group_word(row, reader), row["rank"], row["name"], row["points"], change_of(row), listed)


def _long(row: Row, codes: list[str]) -> tuple[Cell, ...]:
    handling, before = row["handling"], row["before"]
    return (
        row["code"], row["leader"], before["points"] if before else None, *_shares(row, codes),
        handling["n"], handling["mean_h"], handling["ninetieth_h"],
    )  # fmt: skip


def _shares(row: Row, codes: list[str]) -> tuple[Cell, ...]:
    return tuple(Share(*row["rates"].get(code, (0, 0))) for code in codes)


def change_of(row: Row) -> int | None:
    """Return by how many places somebody rose, below 0 for fell; None where there is nothing to compare."""
    before = row["before"]
    if before is None or before["rank"] is None or row["rank"] is None:
        return None
    return int(before["rank"]) - int(row["rank"])


def _gaps(gaps: list[Row], reader: Reader) -> Part:
    say = reader.say
    columns = (
        Column(say("column_rank"), Kind.NUMBER), Column(say("column_zone")), Column(say("column_area"), Kind.NUMBER),
        Column(say("column_unseen")), Column(say("column_inside"), Kind.NUMBER), Column(say("column_score"), Kind.NUMBER),
        Column(say("column_leader")),
    )  # fmt: skip
    rows = tuple(
        (
            gap["rank"], gap["zone"], gap["area_m2"],
            say("word_never") if gap["days_unseen"] is None else str(gap["days_unseen"]), gap["points"], gap["score"],
            "、".join(gap["answers"]),
        )
        for gap in gaps
    )  # fmt: skip
    return Part(say("part_gaps"), () if gaps else (say("word_none"),), Table(columns, rows))


def _cases(cases: list[Row], reader: Reader, photo: Callable[[str], bytes | None]) -> Part:
    say = reader.say
    columns = (
        Column(say("column_number")), Column(say("column_title")), Column(say("column_zone")), Column(say("column_department")),
        Column(say("column_leader")), Column(say("column_due")), Column(say("column_late"), Kind.NUMBER),
        Column(say("column_reworks"), Kind.NUMBER),
    )  # fmt: skip
    rows = tuple(
        (
            case["number"], f"{kind_word(case, reader.locale)}: {case['title']}", case["zone"], case["department"], case["leader"],
            reader.instant(case["due_at"]), case["late_h"], case["reworks"],
        )
        for case in cases
    )  # fmt: skip
    pictures = tuple(
        Picture(f"{case['number']} {case['title']}", jpeg)
        for case in cases
        for name in case["photos"]
        if (jpeg := photo(name)) is not None
    )
    return Part(
        say("part_cases"), () if cases else (say("word_none"),), Table(columns, rows), pictures=pictures
    )


def kind_word(case: Row, locale: str) -> str:
    """Return the kind of a case as the reader calls it."""
    return str(case["kind"][0 if locale.startswith("zh") else 1])


def _weights(formula: Formula, name: str, reader: Reader) -> Part:
    say = reader.say
    rows = tuple(
        (say(f"by_{subject}"), say(f"indicator_{code}"), weight, say(f"formula_{code}"))
        for subject in SUBJECTS
        for code, weight in formula.weights[subject].items()
    )
    columns = (
        Column(say("column_subject")), Column(say("column_indicator")), Column(say("column_weight"), Kind.NUMBER),
        Column(say("column_formula")),
    )  # fmt: skip
    return Part(say("part_weights"), (name, *rules_of(formula, reader)), Table(columns, rows))


def rules_of(formula: Formula, reader: Reader) -> tuple[str, ...]:
    """Return the sentences that say how points, ranks and lists are made."""
    lists = formula.lists
    return (
        reader.say("note_score"),
        reader.say("note_least_known", share=f"{100 * formula.least_known:g}"),
        reader.say(
            "note_lists",
            red=lists.red,
            red_from=f"{lists.red_from:g}",
            black=lists.black,
            black_below=f"{lists.black_below:g}",
        ),
    )
