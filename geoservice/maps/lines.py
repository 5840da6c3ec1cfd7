"""Streets, tracks and unseen stretches of streets as layers of a folium map."""

from collections.abc import Sequence

from geoservice.maps.canvas import pack_anchors, pack_lines, thin_together
from geoservice.maps.layers import VERTEX_BUDGET, Row, ShapeLayer, write_others, write_unseen
from geoservice.maps.text import MapText
from geoservice.maps.values import StreetShape, StretchShape, TrackShape


def street_layer(streets: Sequence[StreetShape], text: MapText) -> ShapeLayer:
    """Street centre lines, thin; the leader's key roads stronger."""
    lines = thin_together([street.geometry for street in streets], VERTEX_BUDGET)
    shapes = {
        "fields": [text.code],
        "ids": [street.code for street in streets],
        "titles": [street.name for street in streets],
        "mine": [int(street.mine) for street in streets],
        "lines": pack_lines(lines),
        "rows": [[street.code] for street in streets],
        "tags": [text.my_street if street.mine else "" for street in streets],
    }
    return ShapeLayer("streets", text.layer_streets, shapes)


def track_layer(tracks: Sequence[TrackShape], text: MapText) -> ShapeLayer:
    """What the patrols really did, as thin lines, hidden until asked for."""
    lines = thin_together([track.geometry for track in tracks], VERTEX_BUDGET)
    shapes = {
        "ids": [track.id for track in tracks],
        "titles": [track.label for track in tracks],
        "lines": pack_lines(lines),
    }
    return ShapeLayer("tracks", text.layer_tracks, shapes, show=False)


def stretch_layer(stretches: Sequence[StretchShape], text: MapText) -> ShapeLayer:
    """Unseen stretches of streets, the first in rank on top."""
    ranked = sorted(stretches, key=lambda stretch: -stretch.rank)
    lines = thin_together([stretch.geometry for stretch in ranked], VERTEX_BUDGET)
    shapes = {
        "fields": [text.length, text.days_unseen, text.street, text.leader],
        "ids": [stretch.id for stretch in ranked],
        "titles": [f"{text.stretch} {text.write_count(stretch.rank)}" for stretch in ranked],
        "lines": pack_lines(lines),
        "anchors": pack_anchors(lines),
        "rows": [_stretch_row(stretch, text) for stretch in ranked],
        "others": [write_others(stretch.others) for stretch in ranked],
    }
    return ShapeLayer("stretches", text.layer_stretches, shapes)


def _stretch_row(stretch: StretchShape, text: MapText) -> Row:
    names = dict.fromkeys(name for name in (stretch.street_name, stretch.street_code) if name)
    return [
        text.write_length(stretch.length_m),
        write_unseen(stretch.days_unseen, text),
        " · ".join(names),
        stretch.leader or text.nobody,
    ]
