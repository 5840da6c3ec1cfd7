# shellcheck shell=bash
# What run, test, geoservice and worker share: where things are, and the set-up that each asks for what it needs.
# The caller has opened descriptor 3 for chatter.

# shellcheck disable=SC2034 # used by the parts below
CALLED_AS=${0##*/}
ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
VAR=${VAR_DIR:-$ROOT/var}
export VAR_DIR=$VAR

for part in say packages python browser; do
  # shellcheck source=/dev/null
  source "$ROOT/scripts/lib/$part.sh"
done

# Compiled loops are kept a version apart: numba sees when a function's own file changes, not when one that it calls does.
NUMBA_CACHE_DIR=$VAR/numba/$(checksum "$ROOT"/geoservice/domain/*.py | cut -c1-16)
export NUMBA_CACHE_DIR

# One set-up at a time: `run` and `test` may be started together in one checkout, and share .venv.
with_setup_lock() {
  # Root could write into anybody's folder, but would leave files there that its owner cannot.
  if ! mkdir -p "$VAR" 2>/dev/null || [[ ! -O $VAR ]]; then
    die "$VAR cannot be used by $(id -un): it belongs to $(stat -c %U "$VAR" 2>/dev/null || stat -c %U "$ROOT")." \
      "start as that user, or set VAR_DIR to a folder of your own."
  fi
  mkdir -p "$VAR/log" "$VAR/run"
  chmod 700 "$VAR/log" "$VAR/run"
  exec 9>"$VAR/run/setup.lock"
  if ! flock --timeout 2 9; then
    say "  Waiting for another set-up in this folder to finish …"
    flock 9
  fi
  "$@"
  exec 9>&-
}

# The rest is Python's work: scripts/house. -P: the folder we are called from is no place to import from.
become_house() {
  exec 3>&-
  export PYTHONPATH=$ROOT
  exec "$VENV/bin/python" -P -m scripts.house "$@"
}
