"""Seed the demo city: the same as `geoservice demo seed`, for those who look for a script."""

from __future__ import annotations

from geoservice.cli import main

if __name__ == "__main__":
    main(["demo", "seed"])
