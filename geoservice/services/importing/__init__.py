"""Getting real data in: read → check every row → compare with what is stored → apply → one batch and one audit entry.

`flow` holds what all imports share, `rows` and `columns` how files are read; one module a noun does the rest.
"""

from geoservice.services.importing.check_ins import CheckInOptions, import_check_ins
from geoservice.services.importing.contracts import ContractOptions, import_contracts
from geoservice.services.importing.exclusions import ExclusionOptions, import_exclusions
from geoservice.services.importing.flow import Report, Run
from geoservice.services.importing.points import PointOptions, import_points
from geoservice.services.importing.rows import Input
from geoservice.services.importing.streets import StreetOptions, import_streets
from geoservice.services.importing.tracks import TrackOptions, import_tracks
from geoservice.services.importing.zones import ZoneOptions, import_zones

__all__ = [
    "CheckInOptions", "ContractOptions", "ExclusionOptions", "Input", "PointOptions", "Report", "Run", "StreetOptions", "TrackOptions", "ZoneOptions",
    "import_check_ins", "import_contracts", "import_exclusions", "import_points", "import_streets", "import_tracks", "import_zones",
]  # fmt: skip
