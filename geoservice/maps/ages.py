"""How long ago the ground was last seen, as an image under the outlines of the zones."""

from base64 import b64encode

import numpy as np
from branca.utilities import write_png

from geoservice.maps.layers import ShapeLayer
from geoservice.maps.text import MapText
from geoservice.maps.values import NO_BAND, AgeImage

AGE_COLOURS = ("#fcf3b0", "#fbc66e", "#f3915c", "#d85b63", "#a83a76", "#6d2a77", "#351b57")
"""Just seen to longest ago: lightness falls step by step, whatever colours an eye tells apart."""


def age_layer(ages: AgeImage, text: MapText) -> ShapeLayer:
    """The image as a PNG in the page itself, hidden until asked for unless `ages.shown`: it takes the place of the zones' colours."""
    shapes = {
        "image": "data:image/png;base64," + b64encode(_paint(ages)).decode(),
        "bounds": [[ages.south, ages.west], [ages.north, ages.east]],
    }
    return ShapeLayer("ages", text.layer_ages, shapes, show=ages.shown)


def age_rows(ages: AgeImage) -> list[tuple[str, str]]:
    """The colour and the name of each band that the image shows."""
    shown = set(np.unique(ages.bands).tolist())
    rows = zip(band_colours(len(ages.names)), ages.names, strict=True)
    return [row for band, row in enumerate(rows) if band in shown]


def band_colours(count: int) -> list[str]:
    """`count` colours spread over the whole scale; with more bands than colours, neighbours share one."""
    steps = np.linspace(0, len(AGE_COLOURS) - 1, count).round().astype(int)
    return [AGE_COLOURS[step] for step in steps]


def _paint(ages: AgeImage) -> bytes:
    """Each pixel in the colour of its band; transparent outside. A band without a name raises ValueError."""
    nameless = set(np.unique(ages.bands).tolist()) - {*range(len(ages.names)), NO_BAND}
    if nameless:
        raise ValueError(f"bands without a name: {sorted(nameless)}")
    palette = np.zeros((256, 4), dtype=np.uint8)
    for band, colour in enumerate(band_colours(len(ages.names))):
        palette[band] = (*bytes.fromhex(colour[1:]), 255)
    palette[NO_BAND] = 0
    return bytes(write_png(palette[ages.bands]))
