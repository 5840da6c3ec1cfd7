"""The import desk: files are received, looked at, chosen, checked without writing, and only then applied.

A draft goes received → looked → checked → applied, or is dropped; what is chosen anew takes it back. `receiving` takes files in,
`looking` says what they are, `choosing` keeps what people say of them, `checking` and `applying` run the import, `shelf` shows
drafts and `items` what an import would do.
"""

from geoservice.services.desk.applying import apply_draft
from geoservice.services.desk.asking import ask
from geoservice.services.desk.checking import check_draft
from geoservice.services.desk.choosing import choose, still_known
from geoservice.services.desk.guessing import guess_columns, saved_columns
from geoservice.services.desk.items import OUTCOMES, Item, ItemPage, counts, features, items
from geoservice.services.desk.kinds import KINDS, OptionInfo, RoleInfo, options_of, roles_of
from geoservice.services.desk.looking import read_looks, see
from geoservice.services.desk.receiving import Received, receive, receive_text
from geoservice.services.desk.shelf import DraftRow, drafts, drop, file_paths, read_draft, sweep
from geoservice.store.drafts import Draft

__all__ = [
    "KINDS", "OUTCOMES", "Draft", "DraftRow", "Item", "ItemPage", "OptionInfo", "Received", "RoleInfo", "apply_draft", "ask",
    "check_draft", "choose", "counts", "drafts", "drop", "features", "file_paths", "guess_columns", "items", "options_of",
    "read_draft", "read_looks", "receive", "receive_text", "roles_of", "saved_columns", "see", "still_known", "sweep",
]  # fmt: skip
