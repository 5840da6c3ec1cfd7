"""What gunicorn serves: `gunicorn wsgi:app`."""

from __future__ import annotations

from geoservice.app import create_app
from geoservice.config import Settings

app = create_app(Settings.from_env())
