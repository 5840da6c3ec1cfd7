"""Files in: shapes, sheets and tracks, read in a child process with limits.

`read_features`, `read_table` and `read_tracks` start a child for one file; a `Reader` keeps one child for many.
"""

from geoservice.formats.reader import Reader, read_features, read_table, read_tracks
from geoservice.formats.tables import FeatureTable, Limits, TrackTable

__all__ = ["FeatureTable", "Limits", "Reader", "TrackTable", "read_features", "read_table", "read_tracks"]
