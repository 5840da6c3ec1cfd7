"""What the desk's tests drop on it, and how its jobs are run without a worker."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyogrio.raw import write
from sqlalchemy import text

from geoservice.jobs.run import execute
from geoservice.services.desk import read_draft
from geoservice.store.base import make_engine, transaction

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.config import Settings

WEST, SOUTH, SIDE = 114.10, 22.60, 0.002
CODES = [f"D{number:02d}" for number in range(1, 7)]
NAMES = [f"罗湖{number}号社区" for number in range(1, 7)]
PARTS = ("shp", "shx", "dbf", "prj")


def squares(count: int = len(CODES)) -> list[shapely.Geometry]:
    """A row of squares beside the sample city."""
    return [shapely.box(WEST + n * SIDE, SOUTH, WEST + (n + 1) * SIDE, SOUTH + SIDE) for n in range(count)]


def gbk_shapefile(folder: Path, shapes: list[shapely.Geometry] | None = None) -> dict[str, bytes]:
    """A Shapefile with GBK texts and no .cpg, as its parts: {name: content}."""
    path = folder / "罗湖社区.shp"
    write(
        str(path),
        geometry=np.array(shapely.to_wkb(shapes or squares()), dtype=object),
        field_data=[np.array(CODES, dtype=object), np.array(NAMES, dtype=object)],
        fields=np.array(["社区编码", "社区名称"], dtype=object),
        geometry_type="Polygon",
        crs="EPSG:4490",
        driver="ESRI Shapefile",
        encoding="GB18030",
    )
    return {f"罗湖社区.{part}": path.with_suffix(f".{part}").read_bytes() for part in PARTS}


def zipped(parts: dict[str, bytes]) -> bytes:
    """The parts in one zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def draft_of(address: str) -> int:
    """The draft that an address leads to."""
    found = re.search(r"/gis/import/(\d+)", address)
    assert found, address
    return int(found[1])


def run_job_of(settings: Settings, draft_id: int) -> None:
    """Do what was asked for a draft, as a worker would."""
    with transaction(make_engine(settings.database_url)) as session:
        job_id = read_draft(session, draft_id).job_id
    assert job_id is not None
    execute(settings, job_id)


def run_undo(settings: Settings, batch_id: int) -> None:
    """Take a batch back, as a worker would."""
    query = "SELECT max(id) FROM job WHERE kind = 'undo_import' AND args ->> 'batch' = :batch"
    with transaction(make_engine(settings.database_url)) as session:
        job_id = session.execute(text(query), {"batch": str(batch_id)}).scalar_one()
    execute(settings, job_id)


def stored_codes(settings: Settings) -> list[str]:
    """The codes of the communities in the database."""
    query = "SELECT z.code FROM zone z JOIN zone_version v ON v.zone_id = z.id WHERE z.level = 'community' ORDER BY 1"
    with transaction(make_engine(settings.database_url)) as session:
        return list(session.execute(text(query)).scalars())
