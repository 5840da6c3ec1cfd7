# shellcheck shell=bash
# What the benchmarks need beyond the tests: the peers that are no dependency of anything else, from a lock of their own.

set_up_peers() {
  install_missing_packages
  prepare_python tests
  local lock=$ROOT/scripts/bench/requirements.txt
  is_stamped "$lock" "$VENV/.lock-bench" && return
  step "Installing the benchmarks' peers" "is the network there? Then start again." \
    pip_install "$VENV/bin/python" "$lock"
  checksum "$lock" >"$VENV/.lock-bench"
}

# tipg stands on other versions of what we use ourselves: it gets a folder of its own, and never meets ours.
TIPG=$VAR/tipg

set_up_tipg() {
  local lock=$ROOT/scripts/bench/tipg-requirements.txt
  is_stamped "$lock" "$TIPG/.lock" && return
  step "Making a folder for tipg" "delete $TIPG and start again." "$VENV/bin/python" -m venv --clear "$TIPG"
  step "Installing tipg" "is the network there? Then start again." pip_install "$TIPG/bin/python" "$lock"
  checksum "$lock" >"$TIPG/.lock"
}

# OR-Tools plans beside us and nothing else, so it and what it brings stay out of our own folder too.
ORTOOLS=$VAR/ortools

set_up_ortools() {
  local lock=$ROOT/scripts/bench/planning-requirements.txt
  is_stamped "$lock" "$ORTOOLS/.lock" && return
  step "Making a folder for OR-Tools" "delete $ORTOOLS and start again." "$VENV/bin/python" -m venv --clear "$ORTOOLS"
  step "Installing OR-Tools" "is the network there? Then start again." pip_install "$ORTOOLS/bin/python" "$lock"
  checksum "$lock" >"$ORTOOLS/.lock"
}
