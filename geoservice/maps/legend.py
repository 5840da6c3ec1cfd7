"""The legend: the same colours, lines, signs and words as on the map, and only what the map shows.

A row names the layer it belongs to; the page's script hides it while that layer is switched off.
"""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime

from geoservice.maps.ages import age_rows
from geoservice.maps.canvas import Verbatim, safe_text
from geoservice.maps.layers import NO_DATA, ZoneFill
from geoservice.maps.points import LATE, category_signs, state_words
from geoservice.maps.shortening import left_out
from geoservice.maps.text import MapText
from geoservice.maps.values import CityArea, LeaderArea, Window

Area = LeaderArea | CityArea

AsOf = tuple[Window, datetime | None]
"""Which days, and when it was computed; None: not yet."""


def legend(area: Area, text: MapText, fill: ZoneFill) -> Verbatim:
    """What the colours, hatchings and signs mean, for which days, and when it was computed."""
    return Verbatim(
        '<details class="map-legend" id="map-legend">'
        f"<summary>{safe_text(text.legend)}</summary>"
        f"{_section(fill.heading, _zones(area, fill), 'zones')}"
        f"{_section(text.layer_ages, _ages(area), 'ages')}"
        f"<ul>{''.join(_shapes(area, text))}</ul>"
        f"{_points(area, text)}<p>{_lines([*left_out(area, text), *as_of_lines((area.window, area.computed_at), text)])}</p></details>"
    )


def layers_legend(
    text: MapText, fill: ZoneFill, kinds: Container[str], devices: Sequence[tuple[str, str]], as_of: AsOf
) -> Verbatim:
    """The legend of a map whose shapes come one by one: every row that `kinds` may need; `devices` are (sign, words).

    What only the shapes know, the bands of ages and the categories of points, is put into its list as they come.
    """
    rows = {
        "exclusions": _swatch("url(#fill-exclusion)", text.exclusion, "exclusions"),
        "streets": _line("streets", text.street, "street"),
        "gaps": _swatch("url(#fill-gap)", text.gap, "gaps"),
        "stretches": _line("stretches", text.stretch, "stretch-casing", "stretch"),
    }
    states = [
        *(_badge(state, words) for state, words in state_words(text).items()),
        _badge("late", text.overdue_sign),
    ]
    return Verbatim(
        '<details class="map-legend" id="map-legend">'
        f"<summary>{safe_text(text.legend)}</summary>"
        f"{_section(fill.heading, [_swatch(f'url(#fill-{pattern})', words) for pattern, words in fill.rows], 'zones')}"
        f"{_section(text.layer_ages, [' '], 'ages')}"
        f"<ul>{''.join(row for kind, row in rows.items() if kind in kinds)}"
        f"{''.join(_row('devices', sign, words) for sign, words in devices)}</ul>"
        f"{_section(text.layer_points, [' '], 'points', 'signs')}{_section(text.state, states, 'points')}"
        f"<p>{_lines(as_of_lines(as_of, text))}</p></details>"
    )


def _section(heading: str, rows: list[str], layer: str, style: str = "") -> str:
    if not rows:
        return ""
    return (
        f'<section data-layer="{layer}"><h2>{safe_text(heading)}</h2>'
        f'<ul class="{style}">{"".join(rows)}</ul></section>'
    )


def _zones(area: Area, fill: ZoneFill) -> list[str]:
    """The whole scale, then "no data" where there is some."""
    unknown = any(fill.class_of(zone) == NO_DATA for zone in area.zones)
    rows = fill.rows if unknown else fill.rows[:NO_DATA]
    return [_swatch(f"url(#fill-{pattern})", words) for pattern, words in rows]


def _ages(area: Area) -> list[str]:
    return [_swatch(colour, name) for colour, name in age_rows(area.ages)] if area.ages else []


def _shapes(area: Area, text: MapText) -> list[str]:
    """What lies on the ground, in the order of the layers."""
    plain = [street for street in area.streets if not street.mine]
    shapes = (
        (area.exclusions, _swatch("url(#fill-exclusion)", text.exclusion, "exclusions")),
        (plain, _line("streets", text.street, "street")),
        (len(plain) < len(area.streets), _line("streets", text.my_street, "street mine")),
        (area.tracks, _line("tracks", text.track, "track")),
        (area.gaps, _swatch("url(#fill-gap)", text.gap, "gaps")),
        (area.stretches, _line("stretches", text.stretch, "stretch-casing", "stretch")),
        (_suggested(area, "post"), _pin(text.suggested_post)),
        (
            _suggested(area, "detour"),
            _line("suggestions", text.suggested_detour, "suggestion-casing", "suggestion"),
        ),
    )
    return [row for drawn, row in shapes if drawn]


def _suggested(area: Area, kind: str) -> bool:
    return any(suggestion.kind == kind for suggestion in area.suggestions)


def _swatch(fill: str, words: str, layer: str = "") -> str:
    style = f"swatch swatch-{layer}" if layer else "swatch"
    return _row(
        layer,
        '<svg width="28" height="18" aria-hidden="true">'
        f'<rect class="{style}" x="1" y="1" width="26" height="16" rx="2" fill="{fill}"/></svg>',
        words,
    )


def _line(layer: str, words: str, *styles: str) -> str:
    paths = "".join(f'<path class="{style}" d="M2 12L12 6L26 10"/>' for style in styles)
    return _row(layer, f'<svg width="28" height="18" aria-hidden="true">{paths}</svg>', words)


def _pin(words: str) -> str:
    path = "M14 17L9.6 11.6a6 6 0 1 1 8.8 0z"
    return _row(
        "suggestions",
        f'<svg width="28" height="18" aria-hidden="true"><path class="pin" d="{path}"/></svg>',
        words,
    )


def _row(layer: str, sign: str, words: str) -> str:
    belongs = f' data-layer="{layer}"' if layer else ""
    return f"<li{belongs}>{sign}<span>{safe_text(words)}</span></li>"


def _points(area: Area, text: MapText) -> str:
    """Categories, then the states and the exclamation mark, as far as a point has them."""
    states = {point.state for point in area.points}
    badges = [_badge(state, words) for state, words in state_words(text).items() if state in states]
    if any(point.due in LATE for point in area.points):
        badges.append(_badge("late", text.overdue_sign))
    signs = [
        _row(
            "",
            '<svg width="18" height="18" viewBox="-1 -1 18 18" aria-hidden="true">'
            f'<use class="glyph" href="#glyph-{sign["glyph"]}"/>'
            f'<text class="glyph-letter" x="8" y="8">{safe_text(sign["letter"])}</text></svg>',
            sign["name"],
        )
        for sign in category_signs(area.points)
    ]
    return _section(text.layer_points, signs, "points", "signs") + _section(text.state, badges, "points")


def _badge(name: str, words: str) -> str:
    sign = (
        '<svg width="18" height="18" viewBox="-7.5 -7.5 15 15" aria-hidden="true">'
        f'<use href="#badge-{name}"/></svg>'
    )
    return _row("", sign, words)


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(map(safe_text, lines))


def as_of_lines(as_of: AsOf, text: MapText) -> tuple[str, str]:
    """For which days a map holds, and when it was computed, as plain text."""
    window, computed_at = as_of
    days = f"{text.write_day(window.from_on)} – {text.write_day(window.to_on)}"
    computed = text.not_computed if computed_at is None else text.write_instant(computed_at)
    return f"{text.window}: {days}", f"{text.computed_at}: {computed}"
