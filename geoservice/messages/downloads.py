"""What exports and templates say."""

from __future__ import annotations

from geoservice.messages.marking import N_

DOWNLOADS: dict[str, str] = {
    "export_layer_unknown": N_("There is no layer {layer} to take away. Choose one of: {layers}."),
    "export_whole_city": N_(
        "This list belongs to no piece of ground: only who sees the whole city may take it away. Ask your administrator."
    ),
    "export_crs_unknown": N_(
        "{crs} is not offered. Choose EPSG:4326, 4490, 3857, a CGCS2000 3-degree zone (4513 to 4554), or gcj02."
    ),
    "export_shifted": N_(
        "WARNING: GCJ-02 coordinates, shifted by 300 to 700 m from the true place. For display on Chinese web maps only; do not measure with this file and do not import it as WGS 84."
    ),
    "format_needs_shapes": N_("A {format} file can't hold a table without places. Choose csv or xlsx."),
    "format_needs_wgs84": N_(
        "A {format} file holds longitude and latitude in WGS 84, never {crs}. Choose EPSG:4326, or GeoPackage or Shapefile for {crs}."
    ),
    "format_needs_lines": N_("GPX holds points, routes and tracks, no areas. Choose GeoPackage or KML."),
    "too_many_rows_for_excel": N_(
        "An Excel sheet holds {most} rows, these are {rows}. Choose CSV or GeoPackage, or ask for a part."
    ),
    "bbox_invalid": N_(
        "{value} is no box. Write west,south,east,north in degrees, such as 113.8,22.4,114.6,22.9."
    ),
    "filter_invalid": N_("{value} can't be meant here. Take it out of the address, or choose from the page."),
    "batch_needed": N_("Say which import: batch=NUMBER, as the list of imports shows it."),
    "template_unknown": N_("There is no template for {kind}. Choose one of: {kinds}."),
    "export_gone": N_("This file was removed: files are kept for {days} days. Ask for it again."),
    "export_not_ready": N_("This file is not ready yet. Wait until its work is done, then load it again."),
}
