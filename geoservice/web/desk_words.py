"""What the import desk calls things: columns, options, outcomes, steps; and cells as people read them."""

from __future__ import annotations

from typing import Any

from flask_babel import format_decimal

from geoservice.web.texts import current_locale, gettext
from geoservice.web.words import word_of_mode

LONGEST_CELL = 60
OTHER_FIELD = "attributes."
CGCS2000_FIRST_EPSG, CGCS2000_FIRST_ZONE_EPSG = 4534, 4513
"""EPSG's first 3-degree Gauss-Kruger system of CGCS2000 (75°E), and the first with a zone number before the easting (zone 25)."""
FIRST_MERIDIAN, LAST_MERIDIAN, FIRST_ZONE = 75, 135, 25


def word_of_outcome(outcome: str) -> str:
    """Return what would happen to a thing."""
    return {
        "new": gettext("New"),
        "changed": gettext("Changed"),
        "unchanged": gettext("Unchanged"),
        "removed": gettext("Removed"),
        "repaired": gettext("Repaired"),
        "rejected": gettext("Refused"),
    }[outcome]


def word_of_state(state: str) -> str:
    """Return how far a draft is."""
    return {
        "received": gettext("received"),
        "looked": gettext("waits for your choices"),
        "checked": gettext("checked, not applied"),
        "applied": gettext("imported"),
    }.get(state, state)


def word_of_geometry(geometry: str | None) -> str:
    """Return what kind of shapes a layer holds."""
    words = {"Point": gettext("single points"), "LineString": gettext("lines"), "Polygon": gettext("areas")}
    return words.get((geometry or "").removeprefix("Multi"), geometry or gettext("no shapes, a table"))


def word_of_role(kind: str, role: str) -> str:
    """Return what a column holds, for a kind of import."""
    return _words_of_kind().get((kind, role)) or _words_of_roles().get(role, role)


def _words_of_kind() -> dict[tuple[str, str], str]:
    return {
        ("exclusions", "kind"): gettext("Kind (water, compound, hill …)"),
        ("contracts", "kind"): gettext("Kind of ground (zone, street, point)"),
        ("contracts", "code"): gettext("Code of the ground"),
        ("contracts", "level"): gettext("Level of the zone"),
        ("contracts", "role"): gettext("Role (leader, traffic police …)"),
        ("check_ins", "time"): gettext("Time of the check-in"),
    }


def _words_of_roles() -> dict[str, str]:
    return {
        "code": gettext("Code"),
        "name": gettext("Place name"),
        "parent_code": gettext("Code of the zone above"),
        "category": gettext("Category"),
        "address": gettext("Address"),
        "interval": gettext("Days between two visits"),
        "minutes": gettext("Minutes a visit takes"),
        "weight": gettext("Weight"),
        "street_class": gettext("Class of the street"),
        "one_way": gettext("One way"),
        "reason": gettext("Reason"),
        "leader": gettext("Leader (code or name); columns named after other roles count too"),
        "leader_name": gettext("Leader's name"),
        "from_on": gettext("First day"),
        "to_on": gettext("Last day"),
        "point": gettext("Code of the point"),
        "member": gettext("Patrol member"),
        "result": gettext("Result (findings or not)"),
        "note": gettext("Note"),
        "device": gettext("Device"),
        "time": gettext("Time"),
        "lon": gettext("Longitude (easting)"),
        "lat": gettext("Latitude (northing)"),
        "accuracy": gettext("Accuracy"),
        "speed": gettext("Speed"),
        "heading": gettext("Heading"),
        "mode": gettext("Way of moving"),
    }


def word_of_option(option: str) -> str:
    """Return what else can be said of a file."""
    return {
        "layer": gettext("Layer"),
        "encoding": gettext("Encoding"),
        "crs": gettext("Coordinate system"),
        "swapped": gettext("Latitude stands before longitude"),
        "lon": gettext("Column of the longitude (easting)"),
        "lat": gettext("Column of the latitude (northing)"),
        "wkt": gettext("Column with geometry as WKT"),
        "level": gettext("Level of these zones"),
        "parent_level": gettext("Level of the zones above"),
        "parent_by_place": gettext("They belong to the zone that contains their middle"),
        "valid_from": gettext("Valid from"),
        "full": gettext("This is the whole list: what it lacks ends"),
        "correct": gettext("What is stored was wrong all along: correct it in place"),
        "category_value": gettext("One category for all"),
        "kind_value": gettext("One kind for all"),
        "reason_value": gettext("One reason for all"),
        "level_value": gettext("One level for all zones"),
        "known_leaders_only": gettext("Refuse leaders that are not known"),
        "timezone": gettext("Time zone of times without one"),
        "device": gettext("One device for all"),
        "mode": gettext("How they moved, where the file does not say"),
    }.get(option, option)


def word_of_choice(kind: str, choice: str) -> str:
    """Return what a field of the desk's forms asks, as an error names it."""
    if choice == "kind":
        return gettext("What is in it")
    role = choice.removeprefix("column.")
    return word_of_option(choice) if role == choice else word_of_role(kind, role)


def word_of_value(option: str, value: str) -> str:
    """Return one of the values that an option may take."""
    if option == "mode":
        return word_of_mode(value)
    words = {
        "": gettext("as the file says"),
        "zone": gettext("Zone"),
        "street": gettext("Street"),
        "point": gettext("Point"),
    }
    return words.get(value, value)


def word_of_field(field: str) -> str:
    """Return the name of a stored value that would change; other fields of a file keep their own."""
    if field.startswith(OTHER_FIELD):
        return field.removeprefix(OTHER_FIELD)
    return {
        **_words_of_roles(),
        "geom": gettext("Shape"),
        "geometry": gettext("Shape"),
        "shape": gettext("Shape"),
        "parent": gettext("Zone above"),
        "kind": gettext("Kind"),
        "level": gettext("Level"),
        "role": gettext("Role"),
        "area_m2": gettext("Area, m²"),
        "length_m": gettext("Length, m"),
        "attributes": gettext("Other fields"),
        "active": gettext("Still inspected"),
        "valid_from": gettext("Valid from"),
        "valid_to": gettext("Ends before"),
    }.get(field, field)


def word_of_place(column: str | None) -> str:
    """Return where in a row something is wrong: its column as the file calls it, or its shape."""
    return gettext("Shape") if column == "geometry" else column or ""


def word_of_encoding(encoding: str) -> str:
    """Return an encoding as people know it."""
    return {"gb18030": "GB18030 / GBK", "utf-8": "UTF-8", "big5": "Big5"}.get(encoding.lower(), encoding)


def words_of_crs() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the coordinate systems to choose from, in groups: (heading, [(value, words)])."""
    meridians = range(FIRST_MERIDIAN, LAST_MERIDIAN + 1, 3)
    plain = [
        ("EPSG:4490", "CGCS2000 (EPSG:4490)"),
        ("EPSG:4326", "WGS 84 (EPSG:4326)"),
        ("gcj02", gettext("GCJ-02 (Amap, Tencent)")),
        ("bd09", gettext("BD-09 (Baidu)")),
        ("EPSG:3857", gettext("Web Mercator (EPSG:3857)")),
    ]
    gauss = [
        (
            f"EPSG:{CGCS2000_FIRST_EPSG + step}",
            f"{meridian}°E (EPSG:{CGCS2000_FIRST_EPSG + step})",
        )
        for step, meridian in enumerate(meridians)
    ]
    zoned = [
        (
            f"EPSG:{CGCS2000_FIRST_ZONE_EPSG + step}",
            f"{FIRST_ZONE + step} · {meridian}°E (EPSG:{CGCS2000_FIRST_ZONE_EPSG + step})",
        )
        for step, meridian in enumerate(meridians)
    ]
    return [
        (gettext("Degrees"), plain),
        (gettext("CGCS2000, 3-degree Gauss-Kruger, by central meridian"), gauss),
        (gettext("The same, with the zone number before the easting"), zoned),
    ]


def word_of_crs(crs: str | None) -> str:
    """Return a coordinate system as people know it."""
    for _, systems in words_of_crs():
        for value, words in systems:
            if crs is not None and value.lower() == crs.lower():
                return words
    return (crs or gettext("not known"))[:80]


def write_cell(value: Any) -> str:
    """Write a value of a file or of the database: nothing as a dash, long texts cut."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, float):
        return str(format_decimal(value, "#,##0.##"))
    text = str(value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def write_sample(value: Any) -> str:
    """Write a cell as the file has it: of a longitude every digit, of a code no commas."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.15g}"
    return write_cell(value)


def name_of_level(level: Any) -> str:
    """Return a level's name in the reader's language."""
    return str(level.name_en if current_locale() == "en" else level.name_zh)
