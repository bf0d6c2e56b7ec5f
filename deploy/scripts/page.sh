#!/bin/sh
# Builds the page into frontend/dist, only when its sources changed.
#   deploy/scripts/page.sh            build
#   deploy/scripts/page.sh COMMAND…   run a command in frontend/ with Node and the page's packages there
set -eu
cd "$(dirname "$0")/../.."
here=$(pwd)

say() { printf '%s\n' "$*"; }
stop() { printf 'page: %s\n' "$*" >&2; exit 1; }

# in frontend/; what it says is shown only when it fails
quietly() {
    mkdir -p build
    (cd frontend && "$@") >build/page.log 2>&1 || { cat build/page.log >&2; return 1; }
}

recent_node() {
    command -v npm >/dev/null 2>&1 &&
        node -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 22 || (+a === 22 && +b >= 22) ? 0 : 1)' 2>/dev/null
}

# Node is needed to build the page only: where there is none, or an old one, it comes as a Python package
bring_node() {
    PATH="$here/.venv/bin:$PATH"
    export PATH
    recent_node && return
    say "Bringing Node for the page ..."
    deploy/scripts/set-up.sh requirements-node.txt
    hash -r # the shell remembers where the old one was
    recent_node || stop "Node 22.22 or newer is needed to build the page and could not be installed."
}

packages() {
    wanted=$(cat frontend/package.json frontend/package-lock.json | cksum; node --version)
    [ "$(cat frontend/node_modules/.installed 2>/dev/null || true)" = "$wanted" ] && return
    say "Installing the page's packages ..."
    quietly npm ci --no-audit --no-fund --no-update-notifier --loglevel=error || stop "npm could not install the page's packages."
    say "$wanted" >frontend/node_modules/.installed
}

if [ $# -gt 0 ]; then
    bring_node
    packages
    # the Node inside Playwright wants a library that a bare machine lacks; this one does not
    PLAYWRIGHT_NODEJS_PATH=${PLAYWRIGHT_NODEJS_PATH:-$(node -p process.execPath)}
    export PLAYWRIGHT_NODEJS_PATH
    cd frontend
    exec "$@"
fi

stamp=build/page
sources=$(find frontend -type f -not -path 'frontend/node_modules/*' -not -path 'frontend/dist/*' |
    LC_ALL=C sort | tr '\n' '\0' | xargs -0 cksum)
if [ ! -f frontend/dist/index.html ] || [ "$(cat "$stamp" 2>/dev/null || true)" != "$sources" ]; then
    bring_node
    packages
    say "Building the page ..."
    quietly npm run --silent build || stop "the page could not be built."
    say "$sources" >"$stamp"
fi
