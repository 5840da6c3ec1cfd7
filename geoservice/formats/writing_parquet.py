"""GeoParquet 1.1 (geoparquet.org): WKB in a column, its coordinate system as PROJJSON in the file's metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from geoservice.formats.writing_values import Features

GEOMETRY = "geometry"


def write_parquet(path: Path, features: Features) -> None:
    """Write columns with their types; of a table without shapes plain Parquet."""
    names = [column.header for column in features.columns]
    arrays = [column.values for column in features.columns]
    metadata = {"description": features.description}
    if features.shapes is not None:
        shapes = features.placed
        names.append(GEOMETRY)
        arrays.append(pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary()))
        metadata["geo"] = json.dumps(_geo(features, shapes))
    table = pa.table(arrays, names=names).replace_schema_metadata(metadata)
    pq.write_table(table, path, compression="zstd")


def _geo(features: Features, shapes: NDArray[np.object_]) -> dict[str, Any]:
    kinds = sorted({str(shape.geom_type) for shape in shapes if shape is not None})
    about = {"encoding": "WKB", "geometry_types": kinds, "crs": features.target.crs.to_json_dict()}
    if len(shapes):
        about["bbox"] = shapely.total_bounds(shapes).tolist()
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: about}}
