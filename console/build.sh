#!/usr/bin/env bash
# Builds the console into console/dist, from where the server embeds it. Does nothing when no source is newer.
set -euo pipefail
cd "$(dirname "$0")/.."
sources=(console/src console/style console/index.html console/static console/bundle console/Cargo.toml server/wire server/domain Cargo.toml Cargo.lock)
if [ -f console/dist/index.html ] && [ -z "$(find "${sources[@]}" -newer console/dist/index.html -type f 2>/dev/null | head -n 1)" ]; then
    exit 0
fi
echo "console: building the bundle" >&2
cargo build --quiet --locked --package bundle
bundle=${CARGO_TARGET_DIR:-target}/debug/bundle
env=$(guests/toolchain.sh wasm32-unknown-unknown)
eval "$env"
"$bundle"
