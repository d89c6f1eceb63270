#!/usr/bin/env bash
# Builds the console into console/dist, from where the server embeds it. Does nothing when no source is newer.
#
# The bundle is shrunk by wasm-opt of the pinned npm package, installed once per user. Where that cannot be
# had, the bundle is built without, larger, and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."
pins=console/bundle/package-lock.json
tools=${XDG_CACHE_HOME:-$HOME/.cache}/dormouse/tools
optimiser=$tools/wasm-opt-$(sha256sum "$pins" | cut -c 1-32)

say() { echo "console: $*" >&2; }

# Installs wasm-opt as package-lock.json pins it; what it prints is why it cannot.
install_optimiser() (
    exec 9>"$tools/wasm-opt.lock"
    flock 9
    [ ! -e "$optimiser/installed" ] || exit 0
    tests/setup.sh node
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        echo "Node.js with npm is not installed"
        exit 1
    fi
    say "installing wasm-opt (once per user)"
    mkdir -p "$optimiser"
    cp console/bundle/package.json "$pins" "$optimiser"
    cd "$optimiser"
    if ! npm ci --loglevel error --ignore-scripts --no-audit --no-fund >&2; then
        echo "npm could not install wasm-opt"
        exit 1
    fi
    if ! node_modules/.bin/wasm-opt --version >&2; then
        echo "wasm-opt does not run with Node.js $(node --version)"
        exit 1
    fi
    touch installed
)

# The optimiser is among the sources: what was built without it is built again when it is there.
sources=(console/src console/style console/index.html console/static console/bundle console/build.sh console/Cargo.toml
    server/wire server/domain Cargo.toml Cargo.lock "$optimiser/installed")
if [ -f console/dist/index.html ] && [ -z "$(find "${sources[@]}" -newer console/dist/index.html -type f 2>/dev/null | head -n 1)" ]; then
    exit 0
fi
say "building the bundle"
mkdir -p "$tools"
if missing=$(install_optimiser); then
    export WASM_OPT=$optimiser/node_modules/.bin/wasm-opt
else
    unset WASM_OPT
fi
cargo build --quiet --locked --package bundle
bundle=${CARGO_TARGET_DIR:-target}/debug/bundle
env=$(guests/toolchain.sh wasm32-unknown-unknown)
eval "$env"
"$bundle"
if [ -z "${WASM_OPT:-}" ]; then
    say "*** the bundle is NOT OPTIMISED and larger than it need be: ${missing##*$'\n'} ***"
    say "*** with Node.js there, delete console/dist and build the console again ***"
fi
