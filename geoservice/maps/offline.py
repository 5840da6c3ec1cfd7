"""A map as one file that asks nobody: scripts, styles and images inside it, tables below it, under a policy that allows no request."""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

import folium

from geoservice.maps.canvas import safe_text
from geoservice.maps.dispatch import city_map
from geoservice.maps.inputs import Area
from geoservice.maps.layers import write_rate, write_unseen
from geoservice.maps.leader import leader_map
from geoservice.maps.points import state_words
from geoservice.maps.text import MapText
from geoservice.maps.values import LeaderArea

STATIC = Path(__file__).resolve().parents[2] / "static"
STATIC_URL = "/static"
OUR_STYLE, OUR_SCRIPT = "css/map-offline.css", "js/map-offline.js"

_STYLE = re.compile(r'<link\b[^>]*\bhref="/static/([^"?]+)[^"]*"[^>]*>')
_SCRIPT = re.compile(r'<script\b[^>]*\bsrc="/static/([^"?]+)[^"]*"[^>]*></script>')
_ADDRESS = re.compile(r"url\(\s*['\"]?(?!data:|#)([^'\")?#]+)[^)]*\)")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_INLINE_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)

Table = tuple[str, Sequence[str], Iterable[tuple[str, Sequence[str]]]]
"""Heading, columns, and rows of (what the map flies to, cells)."""


class StrayAddressError(Exception):
    """A file that should ask nobody still names an address."""


def offline_map(area: Area, text: MapText, heading: str, lines: Sequence[str]) -> str:
    """The map of an area as one HTML document; `lines` stand below its heading."""
    drawn = leader_map(area, text, None, STATIC_URL) if isinstance(area, LeaderArea) else city_map(area, text, None, STATIC_URL)  # fmt: skip
    return _inlined(_around(drawn, heading, lines, _tables(area, text)))


def _around(drawn: folium.Map, heading: str, lines: Sequence[str], tables: Iterable[str]) -> str:
    """The map's page with a heading above it and tables below."""
    html = str(drawn.get_root().render())
    head = "".join(f"<p>{safe_text(line)}</p>" for line in lines)
    top = (
        f'<link rel="stylesheet" href="{STATIC_URL}/{OUR_STYLE}">\n'
        f'</head>\n<body class="map-page offline">\n<header><h1>{safe_text(heading)}</h1>{head}</header>'
    )
    html = re.sub(r'</head>\s*<body class="map-page">', lambda _: top, html, count=1)
    last = html.rindex("<script>")
    below = f'<main>{"".join(tables)}</main>\n<script src="{STATIC_URL}/{OUR_SCRIPT}"></script>\n'
    return html[:last] + below + html[last:]


def _inlined(html: str) -> str:
    """The page with what it loads inside it, and the policy that lets exactly this run."""
    html = _STYLE.sub(lambda found: f"<style>{_style(STATIC / found[1])}</style>", html)
    html = _SCRIPT.sub(lambda found: f"<script>{_script(STATIC / found[1])}</script>", html)
    stray = re.search(r'\b(?:src|href)="(?!#|data:)[^"]*"', _INLINE_SCRIPT.sub("", html))
    if stray:
        raise StrayAddressError(stray[0])
    scripts = " ".join(_hash(found) for found in _INLINE_SCRIPT.findall(html))
    styles = " ".join(_hash(found) for found in _INLINE_STYLE.findall(html))
    policy = f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; base-uri 'none'; form-action 'none'"
    meta = f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return html.replace('<meta charset="utf-8">', meta, 1)


def _style(path: Path) -> str:
    """A style sheet with its images inside."""

    def image(found: re.Match[str]) -> str:
        file = path.parent / found[1].strip()
        kind = guess_type(file.name)[0] or "application/octet-stream"
        return f"url(data:{kind};base64,{b64encode(file.read_bytes()).decode()})"

    return _ADDRESS.sub(image, path.read_text("utf-8")).replace("</style", "<\\/style")


def _script(path: Path) -> str:
    text = path.read_text("utf-8").replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _tables(area: Area, text: MapText) -> list[str]:
    """Every layer that people look things up in, as a table that folds."""
    return [_table(*table) for table in (_zones(area, text), _gaps(area, text), _stretches(area, text), _points(area, text))]  # fmt: skip


def _table(heading: str, columns: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    body = "".join(
        f'<tr><th scope="row"><button type="button" data-fly-to="{safe_text(target)}">{safe_text(first)}</button></th>'
        f"{''.join(f'<td>{safe_text(cell)}</td>' for cell in rest)}</tr>"
        for target, (first, *rest) in rows
    )
    if not body:
        return ""
    head = "".join(f'<th scope="col">{safe_text(column)}</th>' for column in columns)
    return (
        f"<details><summary>{safe_text(heading)}</summary><div><table>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )


def _zones(area: Area, text: MapText) -> Table:
    columns = (text.zone, text.code, text.coverage, text.covered, text.area, text.gap_count, text.leader)
    rows = (
        (
            f"zone:{zone.id}",
            (
                zone.name,
                zone.code,
                write_rate(zone.rate, text),
                text.write_area(zone.covered_m2),
                text.write_area(zone.area_m2),
                "" if zone.gap_count is None else text.write_count(zone.gap_count),
                zone.leader or text.nobody,
            ),
        )
        for zone in sorted(area.zones, key=lambda zone: zone.code)
    )
    return text.layer_zones, columns, rows


def _gaps(area: Area, text: MapText) -> Table:
    columns = (text.gap, text.zone, text.area, text.days_unseen, text.points_inside, text.leader)
    rows = (
        (
            f"gap:{gap.id}",
            (
                text.write_count(gap.rank),
                f"{gap.zone_name} · {gap.zone_code}",
                text.write_area(gap.area_m2),
                write_unseen(gap.days_unseen, text),
                text.write_count(gap.point_count),
                gap.leader or text.nobody,
            ),
        )
        for gap in area.gaps
    )
    return text.layer_gaps, columns, rows


def _stretches(area: Area, text: MapText) -> Table:
    columns = (text.stretch, text.street, text.length, text.days_unseen)
    rows = (
        (
            f"stretch:{one.id}",
            (
                text.write_count(one.rank),
                one.street_name,
                text.write_length(one.length_m),
                write_unseen(one.days_unseen, text),
            ),
        )
        for one in area.stretches
    )
    return text.layer_stretches, columns, rows


def _points(area: Area, text: MapText) -> Table:
    states = state_words(text)
    dues = {
        "ok": text.due_ok,
        "due_today": text.due_today,
        "due_tomorrow": text.due_tomorrow,
        "overdue": text.due_overdue,
        "never": text.due_never,
    }
    columns = (text.point, text.code, text.category, text.state, text.last_visit, text.due)
    rows = (
        (
            f"point:{point.id}",
            (
                point.name,
                point.code,
                point.category_name,
                states[point.state] if point.state else "",
                point.last_visit,
                dues[point.due] if point.due else "",
            ),
        )
        for point in area.points
    )
    return text.layer_points, columns, rows
