"""The GDAL drivers that may open a user's file, and the environment that keeps all others and the network out."""

from __future__ import annotations

ALLOWED = frozenset({"ESRI Shapefile", "GPKG", "LIBKML", "FlatGeobuf", "GPX", "DXF", "OSM"})

# Every other vector driver of GDAL 3.12 as pyogrio builds it; a test holds this list against the one installed.
SKIPPED = (
    "ADBC", "AIVector", "AmigoCloud", "AVCBin", "AVCE00", "Carto", "CSV", "CSW", "DGN", "EDIGEO", "EEDA",
    "Elasticsearch", "ESRIJSON", "GDALG", "GeoJSON", "GeoJSONSeq", "GeoRSS", "GML", "GPSBabel", "GTFS", "HTTP",
    "Idrisi", "JML", "JSONFG", "KML", "LVBAG", "MapInfo File", "MapML", "MBTiles", "MEM", "MiraMonVector", "MVT",
    "NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OpenFileGDB", "PCIDSK", "PDF", "PDS4",
    "PGDUMP", "PLSCENES", "PMTiles", "S57", "Selafin", "SQLite", "SXF", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP",
    "WFS", "XLSX",
)  # fmt: skip


def gdal_environment(folder: str) -> dict[str, str]:
    """Variables that must stand before GDAL is loaded; temporary files go to `folder`."""
    return {
        "OGR_SKIP": ",".join(SKIPPED),
        "GDAL_DRIVER_PATH": "disable",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "CPL_TMPDIR": folder,
        "GDAL_NUM_THREADS": "1",
        "GDAL_HTTP_MAX_RETRY": "0",
        "GDAL_HTTP_TIMEOUT": "1",
        "OGR_SQLITE_LOAD_EXTENSIONS": "",
        "PROJ_NETWORK": "OFF",
        "SHAPE_RESTORE_SHX": "YES",
    }
