"""Writers of small files, so that the tests need none that somebody else made."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

SQUARES = [shapely.box(114.0 + i, 22.0, 114.5 + i, 22.5) for i in range(3)]
NAMES = ["福田区", "罗湖区", "盐田区"]
CODES = ["440304", "440303", "440308"]


def write_layer(
    path: Path,
    shapes: Sequence[BaseGeometry] = tuple(SQUARES),
    fields: Mapping[str, Sequence[Any]] | None = None,
    *,
    kind: str = "Polygon",
    crs: str | None = "EPSG:4326",
    **options: Any,
) -> Path:
    """Write one layer through GDAL."""
    columns = {"代码": CODES, "名称": NAMES} if fields is None else fields
    pyogrio.raw.write(
        path,
        geometry=np.array([shapely.to_wkb(shape) for shape in shapes], dtype=object),
        field_data=[
            np.array(column, dtype=object if isinstance(column[0], str) else None)
            for column in columns.values()
        ],
        fields=list(columns),
        geometry_type=kind,
        crs=crs,
        **options,
    )
    return path


def write_shapefile(folder: Path, encoding: str, *, cpg: bool) -> Path:
    """A Shapefile in some encoding, with or without the .cpg that says so."""
    path = write_layer(folder / "区划.shp", encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
        dbf = bytearray(path.with_suffix(".dbf").read_bytes())
        dbf[29] = 0
        path.with_suffix(".dbf").write_bytes(bytes(dbf))
    return path


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write_collection(path: Path, *features: Any, **members: Any) -> Path:
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": list(features), **members}), encoding="utf-8"
    )
    return path


def square(lon: float = 114.0, lat: float = 22.0, side: float = 0.5) -> dict[str, Any]:
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


class _Entry(zipfile.ZipInfo):
    """An entry whose name is written as GBK without saying so, as Chinese Windows does."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own hook
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def write_zip(path: Path, entries: Mapping[str, bytes], *, gbk_names: bool = False) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            entry = (_Entry if gbk_names else zipfile.ZipInfo)(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path


def shapefile_parts(path: Path, prefix: str = "") -> dict[str, bytes]:
    """The parts of a Shapefile as entries of a zip."""
    return {f"{prefix}{part.name}": part.read_bytes() for part in sorted(path.parent.glob(f"{path.stem}.*"))}
