"""Which column of a file holds what: the one that was named, else the first whose header people use for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from geoservice.errors import InvalidFile
from geoservice.formats.values import as_code, as_text, codes_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geoservice.services.importing.row_list import Row, Rows

FILE_NAME, NO_COLUMN = "@file", "@none"
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
UNIT = re.compile(r"\s*[(（][^()（）]*[)）]$")
"""What stands in brackets behind a header: a unit, a remark."""
COLUMNS_SHOWN = 30

CODES = (
    "code",
    "编码",
    "代码",
    "编号",
    "adcode",
    "admincode",
    "区划代码",
    "行政区划代码",
    "街道代码",
    "社区代码",
    "网格代码",
    *("xzqdm", "qxdm", "jddm", "sqdm", "wgdm", "wgbm", "zldwdm", "dm", "bm"),
    "id",
    "osm_id",
    "gid",
    "objectid",
)
"""Fields of a dBASE file are ten bytes long, so that many are called by the first letters of 代码, 编码 and 名称."""
NAMES = ("name", "名称", "姓名", "title", "标题", "xzqmc", "qxmc", "jdmc", "sqmc", "wgmc", "zldwmc", "mc")
GUESSES: dict[str, tuple[str, ...]] = {
    "zone_code": ("zone_code", "grid_code", "区域编码", "网格编码", "网格编号", "社区编码", *CODES),
    "zone_name": ("zone_name", "区域名称", "网格名称", "社区名称", "街道名称", "区县名称", *NAMES),
    "point_code": ("point_code", "点位编码", "点位编号", *CODES),
    "point_name": ("point_name", "点位名称", *NAMES),
    "category": ("category", "类别", "点位类别", "点位类型"),
    "address": ("address", "addr", "地址", "详细地址", "位置"),
    "interval": ("required_interval_days", "interval_days", "巡查间隔", "巡查间隔天数", "间隔天数", "巡查周期"),
    "minutes": ("service_minutes", "巡查时长", "停留分钟"),
    "weight": ("weight", "权重"),
    "calendar_day": ("day", "date", "on_day", "日期", "日子"),
    "calendar_working": ("working", "kind", "type", "是否上班", "上班", "类型", "安排"),
    "calendar_name": NAMES,
    "opening": ("opening", "opening_hours", "hours", "开放时间", "营业时间"),
    "skills": ("skills", "skill", "技能", "所需技能", "技能要求"),
    "street_code": ("street_code", "osm_id", "道路编码", "路段编码", "路段编号", *CODES),
    "street_name": ("street_name", "道路名称", "路段名称", "路名", *NAMES),
    "street_class": ("highway", "street_class", "fclass", "class", "道路等级", "等级"),
    "one_way": ("oneway", "one_way", "单向", "单行", "是否单行"),
    "exclusion_code": ("exclusion_code", *CODES),
    "exclusion_name": NAMES,
    "exclusion_kind": ("kind", "类型", "类别"),
    "reason": ("reason", "原因", "理由", "说明"),
    "leader": ("leader_code", "领导编码", "领导编号", "工号", "leader", "包抓领导", "领导", "责任人", "责任领导", "leader_name", "领导姓名", "姓名"),
    "leader_name": ("leader_name", "领导姓名", "包抓领导", "责任领导", "责任人", "领导", "姓名", "leader"),
    "ground_kind": ("kind", "ground_kind", "type", "包抓类型", "对象类型", "类型"),
    "ground_code": ("ground_code", "对象编码", "包抓编码", "包抓对象", "片区编码", *CODES),
    "level": ("level", "层级", "级别", "区域层级"),
    "role": ("role", "角色", "职责", "责任角色"),
    "check_in_point": ("point_code", "point", "点位编码", "点位编号", "点位代码", "点位", *CODES),
    "check_in_time": ("time", "at", "checked_at", "check_in_time", "timestamp", "datetime", "打卡时间", "签到时间", "巡查时间", "检查时间", "时间", "日期时间", "日期"),
    "check_in_member": ("member_code", "member", "人员编码", "人员编号", "人员", "巡查员", "巡查人员", "网格员", "打卡人", "姓名", "inspector", "user"),
    "check_in_result": ("result", "findings", "has_findings", "结果", "巡查结果", "检查结果", "是否有问题", "有无问题", "是否发现问题", "发现问题", "问题"),
    "check_in_note": ("note", "notes", "remark", "remarks", "comment", "备注", "说明", "问题描述", "描述"),
    "checklist_category": ("点位类别", "点位类型", "类别", "category"),
    "checklist_name": ("清单名称", "测评清单", "清单", "checklist"),
    "checklist_code": ("测评项编码", "测评项编号", "项目编码", "item_code", *CODES),
    "checklist_title": ("测评项", "测评项名称", "测评项目", "检查项", "item", "title"),
    "checklist_standard": ("测评标准", "标准", "检查标准", "standard"),
    "checklist_weight": ("权重", "分值", "weight"),
    "checklist_evidence": ("佐证要求", "佐证", "照片要求", "evidence"),
    "checklist_case_kind": ("不合格立案类别", "立案类别", "案件类别", "case_kind"),
    "from": ("from", "valid_from", "start", "from_on", "开始日期", "开始时间", "开始", "起始日期", "起"),
    "to": ("to", "valid_to", "end", "to_on", "until", "结束日期", "结束时间", "结束", "截止日期", "止", "至"),
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """Where a value comes from: one field, a template of several, the file's name, or one value for all rows.

    `shown` is how the user knows it; it stands in the column of a problem.
    """

    shown: str
    fields: tuple[str, ...] = ()
    template: str | None = None
    fixed: Any = None

    def value(self, row: Row) -> Any:
        """The raw cell of a row; None when it, or any part of a template, is blank."""
        if self.template is not None:
            parts = {name: as_code(row.cells.get(name)) for name in self.fields}
            if None in parts.values():
                return None
            return PLACEHOLDER.sub(lambda found: parts[_own_name(found[1], self.fields)] or "", self.template)
        if self.fields:
            return row.cells.get(self.fields[0])
        return PurePath(row.file).stem if self.shown == FILE_NAME else self.fixed

    def values(self, rows: Rows) -> list[Any]:
        """The raw cells of all rows."""
        if self.template is not None:
            return [self.value(row) for row in rows]
        if self.fields:
            return rows.cells(self.fields[0])
        if self.shown == FILE_NAME:
            return [PurePath(file).stem for file in rows.files()]
        return [self.fixed] * len(rows)

    def texts(self, rows: Rows) -> list[str | None]:
        """The cells of all rows as text."""
        return texts_of(self.values(rows))

    def codes(self, rows: Rows) -> list[str | None]:
        """The cells of all rows as codes."""
        return codes_of(self.values(rows))

    def text(self, row: Row) -> str | None:
        """The cell as text."""
        return as_text(self.value(row))

    def code(self, row: Row) -> str | None:
        """The cell as a code: 440304001.0 is 440304001."""
        return as_code(self.value(row))


def shown(column: Column | None) -> str | None:
    """How the user knows a column, if there is one."""
    return column.shown if column else None


class Header:
    """The fields of a file (`file` is how errors call it), and a note of what was guessed from them."""

    def __init__(self, fields: Sequence[str], file: str) -> None:
        self.fields = tuple(fields)
        self.file = file
        self.guessed: dict[str, str] = {}
        self.used: set[str] = set()

    def named(self, wanted: str) -> Column:
        """The column a user named: a field, `@file`, or a template such as `{COL}-{ROW}`; InvalidFile when it isn't there."""
        if wanted == FILE_NAME:
            return Column(FILE_NAME)
        if wanted not in self.fields and PLACEHOLDER.search(wanted):
            names = tuple(self._field(name) for name in PLACEHOLDER.findall(wanted))
            return Column(wanted, names, template=wanted)
        field = self._field(wanted)
        self.used.add(field)
        return Column(field, (field,))

    def find(self, role: str, wanted: str | None = None) -> Column | None:
        """The column the user named for a role (`@none`: none), else the first field whose header is used for it, else None."""
        if wanted == NO_COLUMN:
            return None
        if wanted is not None:
            return self.named(wanted)
        bare = {UNIT.sub("", field.strip()).casefold(): field for field in reversed(self.fields)}
        folded = bare | {field.strip().casefold(): field for field in reversed(self.fields)}
        for name in GUESSES[role]:
            if name in folded:
                field = folded[name]
                self.guessed[role] = field
                self.used.add(field)
                return Column(field, (field,))
        return None

    def need(self, role: str, wanted: str | None, option: str) -> Column:
        """As `find`, but InvalidFile naming the option when there is no such column."""
        found = self.find(role, wanted)
        if found is None:
            raise InvalidFile("column_needed", file=self.file, option=option, columns=_listed(self.fields))
        return found

    def _field(self, name: str) -> str:
        if name in self.fields:
            return name
        for field in self.fields:
            if field.strip().casefold() == name.strip().casefold():
                return field
        raise InvalidFile("column_unknown", file=self.file, column=name, columns=_listed(self.fields))


def _own_name(written: str, fields: Iterable[str]) -> str:
    return next(field for field in fields if field.strip().casefold() == written.strip().casefold())


def _listed(fields: Sequence[str]) -> str:
    return ", ".join(fields[:COLUMNS_SHOWN]) or "-"
