#!/usr/bin/env bash
# Installs, once per user, the servers that the benchmark compares with: `wasmtime serve` of the same
# wasmtime that Dormouse is built on, and workerd. They come from the registries of Rust and of npm. One that
# cannot be had is said here, and the benchmark goes on without it.
set -uo pipefail
cd "$(dirname "$0")/../.."

peers=${XDG_CACHE_HOME:-$HOME/.cache}/dormouse/peers
workerd_version=1.20261117.1
mkdir -p "$peers"

say() { echo "peers: $*" >&2; }

lost() { say "*** $* ***"; }

wasmtime_version=$(sed -n 's/^wasmtime = { version = "=\([0-9.]*\)".*/\1/p' Cargo.toml)
if [ "$("$peers/bin/wasmtime" --version 2>/dev/null)" != "wasmtime $wasmtime_version" ]; then
    say "building wasmtime $wasmtime_version (about ten minutes, once)"
    # What `wasmtime serve` needs, without the profilers, debuggers and other compilers: half the time to build.
    features=run,serve,compile,cranelift,parallel-compilation,pooling-allocator,component-model,component-model-async
    features+=,wasi-http,wasi-config,wasi-keyvalue,cache,threads,gc,gc-drc,gc-null,memory-protection-keys,disable-logging
    if CARGO_TARGET_DIR=$peers/target cargo install wasmtime-cli --version "$wasmtime_version" --locked --quiet --force \
        --no-default-features --features "$features" --root "$peers" >"$peers/wasmtime.log" 2>&1; then
        rm -rf "$peers/target"
    else
        lost "no wasmtime serve: cargo could not build it; $peers/wasmtime.log says why"
    fi
fi

present() { grep -qs "\"version\": \"$workerd_version\"" "$peers"/node_modules/@cloudflare/workerd-*/package.json; }
if ! present; then
    say "installing workerd $workerd_version"
    # The package for this machine brings the program; the script that would only check it is left out.
    if ! command -v npm >/dev/null; then
        lost "no workerd: there is no npm"
    elif ! npm install --prefix "$peers" --ignore-scripts --no-audit --no-fund --silent \
        "workerd@$workerd_version" >"$peers/workerd.log" 2>&1 || ! present; then
        lost "no workerd: npm could not install it; $peers/workerd.log says why"
    fi
fi
exit 0
