"""Rows of a layer as typed columns under headers in the reader's language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from geoservice.formats.writing_values import Column, Kind, column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from geoservice.services.exporting.asking import Asked

MOST_ATTRIBUTES = 60
OTHERS = ("其他属性", "other_attributes")
# What formats name columns of their own.
RESERVED = frozenset({"geom", "geometry", "fid", "ogc_fid", "name.1"})
LARGEST_EXACT = 2**53

ROW_KINDS = {
    "zone": ("片区", "zone"),
    "street": ("路段", "street"),
    "point": ("点位", "point"),
    "gap": ("盲点", "gap"),
}
PERIODS = {None: ("全天", "whole day"), 1: ("白天", "day"), 2: ("傍晚", "evening"), 3: ("夜间", "night")}
MODES = {1: ("步行", "foot"), 2: ("电动车", "ebike"), 3: ("汽车", "car")}
FINDINGS = {True: ("有问题", "findings"), False: ("无问题", "clean")}
POINT_STATES = {
    "visited_findings": ("已到访，有问题", "visited_findings"),
    "visited_clean": ("已到访，无问题", "visited_clean"),
    "probable": ("可能到访", "probable"),
    "not_visited": ("未到访", "not_visited"),
    "unknown": ("无数据", "unknown"),
}
DUES = {
    "ok": ("未到期", "ok"),
    "due_today": ("今日到期", "due_today"),
    "due_tomorrow": ("明日到期", "due_tomorrow"),
    "overdue": ("超期", "overdue"),
    "never": ("从未到访", "never"),
}
PATROL_STATES = {
    "draft": ("草稿", "draft"),
    "published": ("已发布", "published"),
    "under_way": ("进行中", "under_way"),
    "done": ("已完成", "done"),
    "cancelled": ("已取消", "cancelled"),
}


@dataclass(frozen=True)
class Field:
    """A column of a layer: its Chinese and its English header, and what it holds."""

    zh: str
    en: str
    kind: Kind = Kind.TEXT

    def header(self, asked: Asked) -> str:
        """The header in the reader's language."""
        return self.zh if asked.chinese else self.en


def columns_of(
    asked: Asked, fields: Mapping[str, Field], values: Mapping[str, Sequence[Any]]
) -> list[Column]:
    """Return the values under their headers, in the order of `fields`."""
    return [column(field.header(asked), field.kind, values[name]) for name, field in fields.items()]


def in_words(asked: Asked, words: Mapping[Any, tuple[str, str]], values: Iterable[Any]) -> list[Any]:
    """Return codes as the reader calls them; one without a word stays as it is."""
    place = 0 if asked.chinese else 1
    return [words[value][place] if value in words else value for value in values]


def chosen_words(words: Iterable[tuple[str, str, str]]) -> dict[Any, tuple[str, str]]:
    """Return code → (Chinese, code) for words of the database; a Chinese word that two codes share is not used."""
    known = list(words)
    chinese = [zh for _, zh, _ in known]
    return {code: (zh if chinese.count(zh) == 1 else code, code) for code, zh, _ in known}


def attribute_columns(
    asked: Asked, rows: Sequence[Mapping[str, Any] | None], taken: Iterable[str]
) -> list[Column]:
    """Return what came with the rows as columns of their own, the most frequent first; the rest as JSON in one."""
    used = {header.casefold() for header in taken} | RESERVED
    counts: dict[str, int] = {}
    for row in rows:
        for key in row or ():
            counts[key] = counts.get(key, 0) + 1
    kept = sorted(counts, key=lambda key: -counts[key])[:MOST_ATTRIBUTES]
    found = [_typed(_free(key, used), [(row or {}).get(key) for row in rows]) for key in kept]
    if len(counts) > len(kept):
        known = set(kept)
        rest = [{key: value for key, value in (row or {}).items() if key not in known} for row in rows]
        texts = [json.dumps(each, ensure_ascii=False) if each else None for each in rest]
        found.append(column(_free(OTHERS[0 if asked.chinese else 1], used), Kind.TEXT, texts))
    return found


def shapes_of(wkb: Sequence[bytes | None]) -> NDArray[np.object_]:
    """Return WKB as shapes."""
    return np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)), dtype=object)


def _free(key: str, used: set[str]) -> str:
    """A header nobody has yet, whatever its case."""
    name, count = key.strip() or "field", 1
    while name.casefold() in used:
        count += 1
        name = f"{key.strip() or 'field'}_{count}"
    used.add(name.casefold())
    return name


def _typed(header: str, values: list[Any]) -> Column:
    """The narrowest kind that gives every value back as it was; text, or JSON, where they differ."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return column(header, Kind.FLAG, values)
    if kinds == {int} and all(abs(value) < LARGEST_EXACT for value in values if value is not None):
        return column(header, Kind.INTEGER, values)
    if kinds and kinds <= {int, float}:
        return Column(header, Kind.REAL, pa.array(values, pa.float64()))
    texts = [
        value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for value in values
    ]
    return column(header, Kind.TEXT, texts)
