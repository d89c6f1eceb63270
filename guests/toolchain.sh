#!/usr/bin/env bash
# Makes sure that the given WebAssembly targets can be built for, and prints the environment that a
# build needs, to be evaluated by the caller:
#
#     env=$(guests/toolchain.sh wasm32-wasip2) && eval "$env"
#
# rustup is asked first. Where its servers cannot be reached, Debian's packages serve: their compiler
# brings the library's sources, from which each target's standard library is built once per machine.
set -euo pipefail

say() { echo "toolchain: $*" >&2; }

die() {
    say "$*"
    exit 1
}

# Whether the compiler $1 has a standard library for the target $2.
has_target() {
    local sysroot
    sysroot=$("$1" --print sysroot) && compgen -G "$sysroot/lib/rustlib/$2/lib/libstd-*.rlib" >/dev/null
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo --non-interactive "$@"; fi
}

install_debian_packages() {
    command -v apt-get >/dev/null || die "no target $1, rustup cannot fetch it, and this is not Debian; install it with: rustup target add $1"
    if [ ! -x /usr/bin/rustc ] || [ ! -x /usr/bin/wasm-ld-19 ] || [ ! -d /usr/lib/wasm32-wasi ] || [ ! -d /usr/lib/rustlib/src ]; then
        say "installing Debian's Rust compiler, its library sources and the WebAssembly linker"
        as_root apt-get update -q >&2
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
            rustc-web cargo-web rust-web-src lld-19 wasi-libc >&2
    fi
}

# Builds the standard library for the target $1 from Debian's sources and lays it into its sysroot.
build_library() {
    local target=$1 lib=/usr/lib/rustlib/$1/lib scratch
    say "building the standard library for $target (about half a minute, once per machine)"
    scratch=$(mktemp -d)
    mkdir "$scratch/src"
    touch "$scratch/src/lib.rs"
    printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n' >"$scratch/Cargo.toml"
    # Bitcode is kept, since link-time optimisation fails without it.
    (cd "$scratch" && env -u CARGO_TARGET_DIR RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
        /usr/bin/cargo build --quiet --release --target "$target" -Zbuild-std=std,panic_abort >&2)
    as_root mkdir -p "$lib/self-contained"
    find "$scratch/target/$target/release/deps" -name '*.rlib' ! -name 'libempty-*' -print0 | as_root xargs -0 cp -t "$lib"
    case $target in
    wasm32-wasi*) as_root cp /usr/lib/wasm32-wasi/{crt1-command.o,crt1-reactor.o,libc.a} "$lib/self-contained/" ;;
    esac
    rm -rf "$scratch"
}

# Prints what makes cargo use Debian's compiler with its linkers.
debian_environment() {
    local bin=${XDG_CACHE_HOME:-$HOME/.cache}/dormouse/bin component_ld
    component_ld=$(find "$(rustc --print sysroot)/lib/rustlib" -name wasm-component-ld -type f | head -n 1)
    mkdir -p "$bin"
    ln -sf /usr/bin/wasm-ld-19 "$bin/wasm-ld"
    [ -z "$component_ld" ] || ln -sf "$component_ld" "$bin/wasm-component-ld"
    if command -v rustup >/dev/null; then
        rustup toolchain list | grep -q '^wasm\b' || rustup toolchain link wasm /usr >&2
        echo "export RUSTUP_TOOLCHAIN=wasm"
    else
        echo "export RUSTC=/usr/bin/rustc CARGO=/usr/bin/cargo"
    fi
    echo "export PATH='$bin':\"\$PATH\""
    echo "export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19"
}

by_rustup() {
    has_target rustc "$1" && return
    command -v rustup >/dev/null && timeout 120 rustup target add "$1" >/dev/null 2>&1 && has_target rustc "$1" || return 1
    say "rustup added $1"
}

for target in "$@"; do
    if ! by_rustup "$target"; then
        install_debian_packages "$target"
        for each in "$@"; do
            has_target /usr/bin/rustc "$each" || build_library "$each"
        done
        debian_environment
        break
    fi
done
