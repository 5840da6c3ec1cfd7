"""The real scheduler that only reconciles, every so many seconds: SECONDS."""

from __future__ import annotations

import sys

from geoservice.config import Settings
from geoservice.jobs import log, scheduler
from geoservice.jobs.periodic import Periodic, reconcile

if __name__ == "__main__":
    log.configure()
    scheduler.serve(Settings.from_env(), [Periodic("reconcile", reconcile, every_s=float(sys.argv[1]))])
