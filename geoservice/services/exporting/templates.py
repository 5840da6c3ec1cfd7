"""Excel templates for imports: headers that an import knows, drop-downs from the database, two examples, notes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.errors import NotFound
from geoservice.formats.writing_template import TemplateColumn, write_template
from geoservice.store import export_rows as store
from geoservice.store import zone_versions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

    Build = Callable[["Maker"], list[TemplateColumn]]

DELETE_ME = ("示例（请删除本行）", "example (delete this row)")
STREET_CLASSES = ("primary", "secondary", "tertiary", "residential", "unclassified", "service", "footway")
EXCLUSION_KINDS = ("water", "compound", "mountain", "other")
ABOUT_KINDS = "water 水域, compound 封闭单位, mountain 山体, other 其他"
STEP = 0.002
NOTES = {
    "zh_Hans_CN": (
        "第一张表：从第 2 行起填写，每行一条；黄色斜体的两行是示例，导入前请删除。",
        "橙色表头必填，蓝色可空。编码一律为文本，前导零会保留。",
        "坐标为 WGS 84 经度、纬度；若为 CGCS2000 高斯投影或 GCJ-02，请在导入页面选择坐标系。",
        "网格、道路、除外区域的边界用 WKT；若已有 Shapefile 或 GeoPackage，直接导入更好。",
        "网格的层级在导入页面选择。",
    ),
    "en": (
        "First sheet: fill in from row 2 on, a thing a row; the two rows in yellow italics are examples: delete them before you import.",
        "Orange headers must be filled in, blue ones may be blank. Codes are text: leading zeros stay.",
        "Places are WGS 84 longitude and latitude; choose the coordinate system on the import page where they are CGCS2000 Gauss-Kruger or GCJ-02.",
        "Borders of zones, streets and exclusions are WKT; a Shapefile or GeoPackage is better imported as it is.",
        "The level of zones is chosen on the import page.",
    ),
}


class Maker:
    """What the columns of a template are made from: the reader's language, words and codes of the database."""

    def __init__(self, session: Session, settings: Settings, locale: str, now: datetime) -> None:
        self.session = session
        self.place = 1 if locale == "en" else 0
        self.today = now.astimezone(settings.zone_info).date()
        self.lon, self.lat = store.some_place(session) or (114.05, 22.54)

    def text(self, chinese: str, english: str) -> str:
        """One of two texts."""
        return (chinese, english)[self.place]

    def words(self, table: str) -> tuple[str, ...]:
        """What levels, roles or categories are called."""
        return tuple((zh, en)[self.place] for _, zh, en in store.words_of(self.session, table))

    def named(self, prefix: str) -> tuple[TemplateColumn, TemplateColumn]:
        """Code and name, which say that the row is an example."""
        names = tuple(f"{DELETE_ME[self.place]} {number}" for number in (1, 2))
        return (
            TemplateColumn(self.text("编码", "code"), (f"{prefix}-001", f"{prefix}-002"), required=True),
            TemplateColumn(self.text("名称", "name"), (names[0], names[1])),
        )

    def squares(self) -> TemplateColumn:
        """Borders as WKT."""
        return TemplateColumn(
            "WKT", (self._square(0), self._square(1)), "POLYGON / MULTIPOLYGON", required=True
        )

    def _square(self, number: int) -> str:
        west, south = round(self.lon + number * STEP, 6), round(self.lat, 6)
        east, north = round(west + STEP, 6), round(south + STEP, 6)
        corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
        return f"POLYGON (({', '.join(f'{x} {y}' for x, y in corners)}))"


def _zones(maker: Maker) -> list[TemplateColumn]:
    return [*maker.named("EXAMPLE"), maker.squares()]


def _points(maker: Maker) -> list[TemplateColumn]:
    categories = maker.words("point_category")
    lon, lat = round(maker.lon, 6), round(maker.lat, 6)
    return [
        *maker.named("EXAMPLE"),
        TemplateColumn(maker.text("类别", "category"), (categories[0], categories[-1]), choices=categories),
        TemplateColumn(maker.text("地址", "address"), (None, None)),
        TemplateColumn(maker.text("经度", "lon"), (lon, round(lon + STEP, 6)), required=True, is_number=True),
        TemplateColumn(maker.text("纬度", "lat"), (lat, lat), required=True, is_number=True),
        TemplateColumn(
            maker.text("巡查间隔天数", "required_interval_days"),
            (7, None),
            maker.text("空：按类别", "blank: the category's"),
            is_number=True,
        ),
        TemplateColumn(maker.text("巡查时长", "service_minutes"), (10, None), is_number=True),
        TemplateColumn(maker.text("权重", "weight"), (1, None), is_number=True),
    ]


def _streets(maker: Maker) -> list[TemplateColumn]:
    west, south = round(maker.lon, 6), round(maker.lat, 6)
    lines = tuple(
        f"LINESTRING ({west} {round(south + shift, 6)}, {round(west + STEP, 6)} {round(south + shift, 6)})"
        for shift in (0.0, STEP)
    )
    return [
        *maker.named("EXAMPLE"),
        TemplateColumn(
            maker.text("道路等级", "street_class"), ("residential", "primary"), choices=STREET_CLASSES
        ),
        TemplateColumn(
            maker.text("单向", "one_way"),
            (maker.text("否", "no"), maker.text("是", "yes")),
            choices=(maker.text("是", "yes"), maker.text("否", "no")),
        ),
        TemplateColumn("WKT", (lines[0], lines[1]), "LINESTRING", required=True),
    ]


def _exclusions(maker: Maker) -> list[TemplateColumn]:
    known = store.exclusion_kinds(maker.session)
    kinds = tuple(dict.fromkeys((*known, *EXCLUSION_KINDS)))
    return [
        *maker.named("EXAMPLE"),
        TemplateColumn(maker.text("类型", "kind"), EXCLUSION_KINDS[:2], ABOUT_KINDS, choices=kinds),
        TemplateColumn(maker.text("原因", "reason"), (None, None)),
        maker.squares(),
    ]


def _contracts(maker: Maker) -> list[TemplateColumn]:
    zones = zone_versions.listed_zones(maker.session, maker.today)[-2:]
    levels = {code: (zh, en)[maker.place] for code, zh, en in store.words_of(maker.session, "zone_level")}
    codes = [zone.code for zone in zones] or ["440304001001", "440304001002"]
    shown: list[str | None] = [levels[zone.level] for zone in zones]
    shown = shown or [None, None]
    roles, kinds = (
        maker.words("contract_role"),
        (("片区", "路段", "点位"), ("zone", "street", "point"))[maker.place],
    )
    role = {code: (zh, en)[maker.place] for code, zh, en in store.words_of(maker.session, "contract_role")}[
        "leader"
    ]
    names = tuple(f"{DELETE_ME[maker.place]} {number}" for number in (1, 2))
    return [
        TemplateColumn(maker.text("领导编码", "leader_code"), ("EXAMPLE-1", "EXAMPLE-2"), required=True),
        TemplateColumn(maker.text("领导姓名", "leader_name"), (names[0], names[1])),
        TemplateColumn(maker.text("包抓类型", "ground_kind"), (kinds[0], kinds[0]), choices=kinds),
        TemplateColumn(maker.text("层级", "level"), (shown[0], shown[-1]), choices=tuple(levels.values())),
        TemplateColumn(maker.text("对象编码", "ground_code"), (codes[0], codes[-1]), required=True),
        TemplateColumn(maker.text("角色", "role"), (role, role), choices=roles),
        TemplateColumn(maker.text("开始日期", "from_on"), (f"{maker.today:%Y}-01-01", None), "YYYY-MM-DD"),
        TemplateColumn(
            maker.text("结束日期", "to_on"),
            (f"{maker.today:%Y}-12-31", None),
            maker.text("最后一天", "the last day"),
        ),
    ]


def _check_ins(maker: Maker) -> list[TemplateColumn]:
    codes = store.some_codes(maker.session, "point", 2) or ["P-001", "P-002"]
    day = maker.today - timedelta(days=1)
    results = (maker.text("无问题", "clean"), maker.text("有问题", "findings"))
    note = DELETE_ME[maker.place]
    return [
        TemplateColumn(maker.text("点位编码", "point_code"), (codes[0], codes[-1]), required=True),
        TemplateColumn(
            maker.text("签到时间", "time"),
            (f"{day} 09:30:00", f"{day} 10:15:00"),
            "YYYY-MM-DD hh:mm:ss",
            required=True,
        ),
        TemplateColumn(maker.text("人员编码", "member_code"), (None, None)),
        TemplateColumn(maker.text("结果", "result"), results, required=True, choices=results),
        TemplateColumn(maker.text("备注", "note"), (note, note)),
    ]


TEMPLATES: dict[str, Build] = {
    "zones": _zones,
    "points": _points,
    "streets": _streets,
    "exclusions": _exclusions,
    "contracts": _contracts,
    "check_ins": _check_ins,
}


def make_template(
    session: Session, settings: Settings, kind: str, folder: Path, locale: str, *, now: datetime
) -> Path:
    """Write the template for a kind of import into `folder` → the workbook; NotFound for a kind there is none for."""
    if kind not in TEMPLATES:
        raise NotFound("template_unknown", kind=kind[:40], kinds=", ".join(TEMPLATES))
    maker = Maker(session, settings, locale, now)
    path = folder / f"template_{kind}.xlsx"
    write_template(path, kind, TEMPLATES[kind](maker), NOTES["en" if locale == "en" else "zh_Hans_CN"])
    return path
