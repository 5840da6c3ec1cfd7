"""The published covering instances, each against its proven optimum and beside classic greedy adding.

SJC324, 402 and 500: people of São José dos Campos at street corners, from Lorena and Pereira, "A Lagrangean/surrogate
heuristic for the maximal covering location problem using Hillsman's edition", International Journal of Industrial
Engineering 9, 2002; every corner is a demand and a site, one sees another from up to 800 m.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.spatial.distance import cdist

from geoservice.domain.covering_location import Problem, add_greedily, choose_sites, covered_by

REACH_M = 800.0
OPTIMA = {
    324: (5461, 8790, 11604, 12106, 12152),
    402: (6555, 11339, 14690, 15658, 15970, 15984),
    500: (7944, 12454, 15730, 17794, 18859, 19525, 19692, 19707),
}


def read_instance(file: Path) -> tuple[np.ndarray, sparse.csr_array]:
    """Return weights (d,) and coverage (d, d)."""
    table = np.loadtxt(file, skiprows=1)
    xy = table[:, :2]
    return table[:, 2], sparse.csr_array((cdist(xy, xy) <= REACH_M).astype(float))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[3] / "shared" / "data" / "mclp"
    parser.add_argument(
        "--data", type=Path, default=default, help="folder with SJC324.txt, SJC402.txt, SJC500.txt"
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="time limit of each")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(
            f"the published instances are not in {options.data}: name their folder with --data",
            file=sys.stderr,
        )
        return 2
    print("nodes  p  optimum     ours  seconds  proven   greedy  seconds  ours/optimum  greedy/optimum")
    missed = 0
    for nodes, optima in OPTIMA.items():
        weight, coverage = read_instance(options.data / f"SJC{nodes}.txt")
        for posts, optimum in enumerate(optima, 1):
            problem = Problem(weight, coverage, np.ones(nodes), posts)
            found = choose_sites(problem, options.seconds)
            began = time.monotonic()
            greedy = covered_by(problem, add_greedily(problem))
            greedy_s = time.monotonic() - began
            missed += found.covered != optimum or not found.is_optimal or found.seconds > options.seconds
            print(
                f"{nodes:5d} {posts:2d} {optimum:8d} {found.covered:8.0f} {found.seconds:8.2f}  "
                f"{'yes' if found.is_optimal else 'no':>6} {greedy:8.0f} {greedy_s:8.3f} "
                f"{found.covered / optimum:13.4f} {greedy / optimum:15.4f}"
            )
    print("every optimum reached in time" if not missed else f"{missed} not reached in time")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
