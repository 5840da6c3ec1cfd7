"""What the columns of a checklist's sheet are called, with examples and notes for whoever fills one in."""

from __future__ import annotations

from geoservice.domain.checklists import EvidenceAsked

HEADERS = {
    "category": ("点位类别", "category"),
    "name": ("清单名称", "checklist"),
    "code": ("测评项编码", "item_code"),
    "title": ("测评项", "item"),
    "standard": ("测评标准", "standard"),
    "weight": ("权重", "weight"),
    "evidence": ("佐证要求", "evidence"),
    "case_kind": ("不合格立案类别", "case_kind"),
}
EVIDENCE_ZH = {
    EvidenceAsked.NONE: "不需要",
    EvidenceAsked.ON_FAIL: "不合格时",
    EvidenceAsked.ALWAYS: "必须",
}
EVIDENCE = {asked.value: asked for asked in EvidenceAsked} | {
    "无": EvidenceAsked.NONE,
    "不需要": EvidenceAsked.NONE,
    "否": EvidenceAsked.NONE,
    "不合格时": EvidenceAsked.ON_FAIL,
    "不合格": EvidenceAsked.ON_FAIL,
    "必须": EvidenceAsked.ALWAYS,
    "每次": EvidenceAsked.ALWAYS,
    "是": EvidenceAsked.ALWAYS,
}
EXAMPLES_ZH = {
    "category": ("农贸市场", "农贸市场"),
    "name": ("农贸市场测评清单", "农贸市场测评清单"),
    "code": ("MK01", "MK02"),
    "title": ("场内地面与排水", "消防通道与器材"),
    "standard": ("地面无积水,排水沟盖板完好", "疏散通道畅通,灭火器在有效期内"),
    "weight": (2, 3),
    "evidence": ("不合格时", "必须"),
    "case_kind": (None, None),
}
EXAMPLES_EN = {
    "category": ("Market", "Market"),
    "name": ("Checklist of markets", "Checklist of markets"),
    "code": ("MK01", "MK02"),
    "title": ("Floor and drains", "Fire exits"),
    "standard": ("No standing water, covers of drains in place", "Exits clear, extinguishers valid"),
    "weight": (2, 3),
    "evidence": ("on_fail", "always"),
    "case_kind": (None, None),
}
ABOUT_ZH = {
    "category": "点位类别的名称或代码",
    "code": "同一类别内不重复；沿用旧编码才能与以往结果比较",
    "weight": "大于 0 的数；得分 = 合格项权重 ÷ 适用项权重",
    "evidence": "不需要、不合格时、必须；空白为不合格时",
    "case_kind": "不合格时自动上报的案件类别；空白则只记录不立案",
}
ABOUT_EN = {
    "category": "name or code of a category of points",
    "code": "once within a category; keep old codes so that results stay comparable",
    "weight": "above 0; score = weight of what passed ÷ weight of what applied",
    "evidence": "none, on_fail or always; blank is on_fail",
    "case_kind": "what a fail is reported as; blank: it is noted only",
}
NOTES_ZH = (
    "请从第二行开始填写，第二、三行是示例，填写前请删除。",
    "一个文件可以包含多个类别；每个类别导入后成为一个草稿版本，发布后才生效。",
    "某一类别只要有一行有误，该类别整体不导入，其余类别照常导入。",
)
NOTES_EN = (
    "Fill in from row 2 on; rows 2 and 3 are examples: remove them.",
    "One file may hold several categories; each becomes a draft, which holds once it is published.",
    "When one row of a category is wrong, that category is left out whole; the others are taken.",
)
