#!/usr/bin/env python3
"""Seed the demo city: the same as `geoservice demo seed`, for those who look for a script."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geoservice.cli import main

if __name__ == "__main__":
    main(["demo", "seed", *sys.argv[1:]])
