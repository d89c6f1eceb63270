#!/usr/bin/env bash
# Builds the example guests as components: guests/target/wasm32-wasip2/release/*.wasm
set -euo pipefail
cd "$(dirname "$0")"
env=$(./toolchain.sh wasm32-wasip2)
eval "$env"
# The guests keep their own target folder, wherever the host workspace builds.
env -u CARGO_TARGET_DIR cargo build --quiet --release --locked --target wasm32-wasip2
