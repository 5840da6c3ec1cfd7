"""The real worker with its own kinds and a lease short enough for a test: LEASE NAME."""

from __future__ import annotations

import sys

from geoservice.jobs import run, worker

if __name__ == "__main__":
    lease_s, name = sys.argv[1:]
    run.LEASE_S = float(lease_s)
    sys.exit(worker.main(["--name", name]))
