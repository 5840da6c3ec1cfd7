"""What a user gives us is read, never written."""

from __future__ import annotations

import hashlib

import numpy as np
import pyogrio.raw
import shapely

from geoservice.formats import read_features


def test_reading_leaves_every_part_of_a_shapefile_as_it_was(tmp_path):
    file = tmp_path / "zones.shp"
    boxes = shapely.to_wkb(np.array([shapely.box(113, 22, 114, 23), shapely.box(114, 22, 115, 23)]))
    pyogrio.raw.write(
        str(file), boxes, [np.array(["a", "b"], dtype=object)], ["code"], driver="ESRI Shapefile",
        geometry_type="Polygon", crs="EPSG:4326",
    )  # fmt: skip
    index = file.with_suffix(".shx")
    index.write_bytes(index.read_bytes()[:-3] + b"odd")
    before = {part.name: hashlib.sha256(part.read_bytes()).hexdigest() for part in tmp_path.iterdir()}
    read_features(file)
    assert {part.name: hashlib.sha256(part.read_bytes()).hexdigest() for part in tmp_path.iterdir()} == before
