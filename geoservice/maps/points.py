"""Inspection points as a layer: a letter and a shape per category, a badge for how each point stands."""

from collections.abc import Iterable, Mapping, Sequence

from geoservice.maps.canvas import pack_place
from geoservice.maps.layers import Row, ShapeLayer
from geoservice.maps.text import MapText
from geoservice.maps.values import PointShape

GLYPHS = ("circle", "square", "diamond", "hexagon")

STATES = ("visited_findings", "visited_clean", "probable", "not_visited")
"""From what is known best to what is not known; the order of the legend."""

LATE = frozenset({"overdue", "never"})
"""What earns a point its exclamation mark."""

MANY_POINTS = 800
"""Beyond these, points are painted on one bitmap: a browser slows down with some elements each."""


def point_layer(points: Sequence[PointShape], text: MapText, painted: bool = False) -> ShapeLayer:
    """Inspection points with category and state, key points larger; `painted` puts them on one bitmap.

    Words that many points share are written once: a cell of a row may be the number of one of `words`.
    """
    categories = category_signs(points)
    order = {sign["category"]: index for index, sign in enumerate(categories)}
    rows = [_point_row(point, text) for point in points]
    words = {word: index for index, word in enumerate(sorted({word for row in rows for word in row[1:]}))}
    shapes = {
        "fields": [
            text.code,
            text.category,
            text.state,
            text.last_visit,
            text.longest_unvisited,
            text.due,
        ],
        "words": list(words),
        "painted": int(painted or len(points) > MANY_POINTS),
        "signs": [[sign["letter"], sign["glyph"]] for sign in categories],
        "states": list(STATES),
        "ids": [point.id for point in points],
        "titles": [point.name for point in points],
        "sign": [order[point.category] for point in points],
        "state": [STATES.index(point.state) if point.state else -1 for point in points],
        "late": [int(point.due in LATE) for point in points],
        "mine": [int(point.mine) for point in points],
        "places": [pack_place(point.lon, point.lat) for point in points],
        "rows": [[row[0], *(words[word] for word in row[1:])] for row in rows],
        "tags": [text.my_point if point.mine else "" for point in points],
    }
    return ShapeLayer("points", text.layer_points, shapes)


def category_signs(points: Iterable[PointShape]) -> list[dict[str, str]]:
    """One sign per category of the points, in a fixed order."""
    return signs_of({point.category: point.category_name for point in points})


def signs_of(categories: Mapping[str, str]) -> list[dict[str, str]]:
    """One sign per category (code → name), by code: a letter of its name nobody else has, and a shape.

    When all letters of a name are taken, the shape alone tells the two apart.
    """
    names = dict(sorted(categories.items()))
    taken: set[str] = set()
    signs = []
    for index, (category, name) in enumerate(names.items()):
        letters = [letter.upper() for letter in name if letter.isalnum()] or ["?"]
        letter = next((letter for letter in letters if letter not in taken), letters[0])
        taken.add(letter)
        glyph = GLYPHS[index % len(GLYPHS)]
        signs.append({"category": category, "name": name, "letter": letter, "glyph": glyph})
    return signs


def state_words(text: MapText) -> dict[str, str]:
    """What each state of a point is called."""
    return {state: getattr(text, state) for state in STATES}


def _point_row(point: PointShape, text: MapText) -> Row:
    due = {
        "ok": text.due_ok,
        "due_today": text.due_today,
        "due_tomorrow": text.due_tomorrow,
        "overdue": text.due_overdue,
        "never": text.due_never,
    }
    return [
        point.code,
        point.category_name,
        state_words(text)[point.state] if point.state else "",
        point.last_visit,
        point.longest,
        due[point.due] if point.due else "",
    ]
