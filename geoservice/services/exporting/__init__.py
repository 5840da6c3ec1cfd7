"""Every list and layer as a file: `layers` says what there is, `making` makes one, `templates` and `rejects` help imports.

Everything is read under the scope of whoever asks: what row-level security hides is in no file.
"""

from geoservice.services.exporting.asking import Filters, Wanted, filters_from, wanted_from
from geoservice.services.exporting.layers import LAYERS, WINDOW, Layer, layer_named, layers_for, may_have
from geoservice.services.exporting.making import export, formats_of, is_large
from geoservice.services.exporting.rejects import draft_rejects, rejected_workbook
from geoservice.services.exporting.templates import TEMPLATES, make_template

__all__ = [
    "LAYERS", "TEMPLATES", "WINDOW", "Filters", "Layer", "Wanted", "draft_rejects", "export", "filters_from", "formats_of", "is_large",
    "layer_named", "layers_for", "make_template", "may_have", "rejected_workbook", "wanted_from",
]  # fmt: skip
