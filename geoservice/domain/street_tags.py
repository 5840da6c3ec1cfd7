"""What a street's attributes say about bridges and tunnels: OSM tags, or the words of a Chinese layer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# GDAL keeps the OSM tags that have no field of their own in one text like an hstore: "layer"=>"1","lit"=>"yes".
_OTHER_TAGS = "other_tags"
_OTHER_TAG = re.compile(r'"(\w+)"=>"([^"]*)"')
_NO = {"", "no", "none", "false", "0", "n", "否", "无"}
_TUNNEL, _BRIDGE, _LAYER = ("tunnel", "隧道"), ("bridge", "桥", "桥梁"), ("layer", "层")
# Attributes with none of these words say that a street lies on the ground.
WORDS = ("tunnel", "bridge", "layer", "隧道", "桥", "层")


def level_and_tunnel(attributes: Mapping[str, Any]) -> tuple[int, bool]:
    """Return how many levels above the ground a street lies, and whether it is a tunnel.

    A bridge without a layer is one up, a tunnel one down (OSM wiki, "Key:layer").
    """
    tags = {str(key).casefold(): str(value).strip().casefold() for key, value in attributes.items()}
    tags = {**dict(_OTHER_TAG.findall(tags.get(_OTHER_TAGS, ""))), **tags}
    tunnel = _says(tags, _TUNNEL) or "隧道" in tags.values()
    bridge = _says(tags, _BRIDGE) or not {"桥", "桥梁", "高架桥", "立交桥"}.isdisjoint(tags.values())
    layer = next((number for key in _LAYER if (number := _whole(tags.get(key, ""))) is not None), None)
    return (int(bridge) - int(tunnel) if layer is None else layer), tunnel


def _says(tags: Mapping[str, str], keys: tuple[str, ...]) -> bool:
    return any(tags.get(key, "") not in _NO for key in keys)


def _whole(text: str) -> int | None:
    """The layer as a number; words, and numbers no city is as deep or high as, say nothing."""
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        return None
    return number if abs(number) <= 100 else None
