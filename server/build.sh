#!/usr/bin/env bash
# Builds the server that ships, and prints where it is. It is built twice: first so that it counts what it does, which
# the benchmark then keeps busy for two minutes, and once more with code inlined and laid out by these counts
# (profile-guided optimisation). Where that cannot be done, it is built without counts, slower, and that is said.
#
# Nothing is counted again while the counting server is the same: the counts lie in the target folder, under its digest.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/counts"
target=$(realpath "$target")
host=$(rustc --version --verbose | sed -n 's/^host: //p')
built=$target/$host/dist/dormouse
# Each kind of load that the benchmark knows and that keeps a server busy. What none of it does is built as ever.
loads=(hello wstd hello3 compat3 heavy cpu echo javascript neighbour consume websocket compile)

say() { echo "server: $*" >&2; }

# With the host named, the flags are for the server alone, and not for what only helps to build it.
build() { RUSTFLAGS="${RUSTFLAGS:-} $*" cargo build --locked --profile dist --package dormouse --target "$host" >&2; }

# Prints where the program is that merges counts; the toolchain has it as a component.
merger() {
    local program
    program=$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata
    [ -x "$program" ] || rustup component add llvm-tools >&2 || return
    echo "$program"
}

# Prints where the counts of the counting server $1 are. Is asked for in a condition, where no failure ends it by itself.
counts_of() (
    counts=$target/counts/$(sha256sum "$1" | cut -c 1-32).profdata
    if [ ! -f "$counts" ]; then
        merger=$(merger) || exit
        tests/setup.sh wrk
        cargo build --locked --release --package tests --bin bench >&2 || exit
        raw=$(mktemp -d)
        trap 'rm -rf "$raw"' EXIT
        say "counting what it does (about two minutes)"
        # A file for each process; how fast it was while it counted is nobody's business.
        LLVM_PROFILE_FILE=$raw/%m-%p.profraw DORMOUSE_BIN=$1 "$target/release/bench" --quick --connections 16 \
            --json /dev/null "${loads[@]}" >/dev/null || exit
        rm -f "$target"/counts/*.profdata
        "$merger" merge --sparse --output "$counts.new" "$raw"/*.profraw >&2 || exit
        mv "$counts.new" "$counts" || exit
    fi
    echo "$counts"
)

build -Cprofile-generate
counting=$target/counts/dormouse
cp "$built" "$counting"
if counts=$(counts_of "$counting"); then
    build "-Cprofile-use=$counts"
else
    say "*** the server is built WITHOUT COUNTS, and a request costs more CPU time than it need ***"
    build
fi
echo "$built"
