"""The real worker with the sample kinds beside its own and a lease short enough for a test: LEASE GRACE NAME [--burst]."""

from __future__ import annotations

import sys

from geoservice.jobs import kinds, run, worker
from tests.jobs.sample_kinds import SAMPLE_KINDS

if __name__ == "__main__":
    lease_s, grace_s, name, *rest = sys.argv[1:]
    run.LEASE_S = float(lease_s)
    worker.GRACE_S = float(grace_s)
    kinds.KINDS.clear()
    kinds.KINDS.update(SAMPLE_KINDS)
    worker.preload = lambda: [
        kinds.find_kind(kind) for kind in SAMPLE_KINDS
    ]  # no sample computes with compiled loops
    sys.exit(worker.main(["--name", name, *rest]))
