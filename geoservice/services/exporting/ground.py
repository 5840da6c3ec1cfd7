"""The ground as files: what an import brought in, under headers that an import reads again without being told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import BadRequest
from geoservice.formats.writing_values import Features, Kind
from geoservice.services.exporting.wording import (
    ROW_KINDS,
    Field,
    attribute_columns,
    chosen_words,
    columns_of,
    in_words,
    shapes_of,
)
from geoservice.services.grounds import zones_of_code
from geoservice.store import export_rows as store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.formats.writing_values import Column
    from geoservice.services.exporting.asking import Asked

CODE, NAME = Field("编码", "code"), Field("名称", "name")
ZONES = {"code": CODE, "name": NAME, "parent_code": Field("上级编码", "parent_code")}
LEVEL = Field("层级", "level")
POINTS = {
    "code": CODE,
    "name": NAME,
    "category": Field("类别", "category"),
    "address": Field("地址", "address"),
    "required_interval_days": Field("巡查间隔天数", "required_interval_days", Kind.REAL),
    "service_minutes": Field("巡查时长", "service_minutes", Kind.REAL),
    "weight": Field("权重", "weight", Kind.REAL),
}
STREETS = {
    "code": CODE,
    "name": NAME,
    "street_class": Field("道路等级", "street_class"),
    "one_way": Field("单向", "one_way", Kind.FLAG),
}
FROM_ON, TO_ON = Field("开始日期", "from_on", Kind.DAY), Field("结束日期", "to_on", Kind.DAY)
EXCLUSIONS = {
    "code": CODE,
    "name": NAME,
    "kind": Field("类型", "kind"),
    "reason": Field("原因", "reason"),
    "valid_from": FROM_ON,
    "valid_to": Field("止于此日前", "valid_until", Kind.DAY),
}
CONTRACTS = {
    "leader_code": Field("领导编码", "leader_code"),
    "leader_name": Field("领导姓名", "leader_name"),
    "kind": Field("包抓类型", "ground_kind"),
    "level": LEVEL,
    "code": Field("对象编码", "ground_code"),
    "name": Field("对象名称", "ground_name"),
    "role": Field("角色", "role"),
    "valid_from": FROM_ON,
    "last_on": TO_ON,
}


def part_of(session: Session, asked: Asked) -> store.Part:
    """Return which part of the ground is asked for; NotFound for a zone that is not there, BadRequest for a level."""
    filters = asked.filters
    levels = {code for code, _, _ in store.words_of(session, "zone_level")}
    if filters.level is not None and filters.level not in levels:
        raise BadRequest("unknown_level", level=filters.level, levels=", ".join(sorted(levels)))
    zone_ids = None if filters.zone is None else zones_of_code(session, asked.on, filters.zone)
    return store.Part(asked.on, filters.level, zone_ids, filters.bbox)


def zones(session: Session, settings: Settings, asked: Asked) -> Features:
    """The zones of a day; the level has a column where several are asked for."""
    found = store.zones(session, part_of(session, asked))
    fields = dict(ZONES)
    if asked.filters.level is None:
        fields["level"] = LEVEL
        words = chosen_words(store.words_of(session, "zone_level"))
        found["level"] = in_words(asked, words, found["level"])
    return _layer(asked, "zones", ("网格", "Zones"), fields, found, "MultiPolygon")


def points(session: Session, settings: Settings, asked: Asked) -> Features:
    """The points that are to be visited."""
    found = store.points(session, part_of(session, asked))
    words = chosen_words(store.words_of(session, "point_category"))
    found["category"] = in_words(asked, words, found["category"])
    return _layer(asked, "points", ("点位", "Points"), POINTS, found, "Point")


def streets(session: Session, settings: Settings, asked: Asked) -> Features:
    """The streets, each whole."""
    found = store.streets(session, part_of(session, asked))
    return _layer(asked, "streets", ("道路", "Streets"), STREETS, found, "LineString")


def exclusions(session: Session, settings: Settings, asked: Asked) -> Features:
    """The ground that nobody has to see."""
    found = store.exclusions(session, part_of(session, asked))
    return _layer(asked, "exclusions", ("除外区域", "Exclusions"), EXCLUSIONS, found, "MultiPolygon")


def contracts(session: Session, settings: Settings, asked: Asked) -> Features:
    """Who answers for what, as a table that can be imported again."""
    found = store.contracts(session, part_of(session, asked))
    found["kind"] = in_words(asked, ROW_KINDS, found["kind"])
    found["role"] = in_words(asked, chosen_words(store.words_of(session, "contract_role")), found["role"])
    found["level"] = in_words(asked, chosen_words(store.words_of(session, "zone_level")), found["level"])
    return _layer(asked, "contracts", ("包抓责任", "Contracts"), CONTRACTS, found, None)


def _layer(
    asked: Asked,
    name: str,
    titles: tuple[str, str],
    fields: dict[str, Field],
    found: store.Columns,
    geometry: str | None,
) -> Features:
    columns: list[Column] = columns_of(asked, fields, found)
    if "attributes" in found:
        columns += attribute_columns(asked, found["attributes"], [one.header for one in columns])
    return Features(
        name,
        titles[0] if asked.chinese else titles[1],
        tuple(columns),
        shapes_of(found["geom"]) if geometry else None,
        geometry,
        label=fields["name"].header(asked) if geometry else None,
    )
