#!/usr/bin/env bash
# Installs what the named suites need beside Rust, where the machine allows it. What cannot be had is
# said here, and the suite that needs it reports itself as skipped.
set -uo pipefail
cd "$(dirname "$0")"

say() { echo "setup: $*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo --non-interactive "$@"; fi
}

# Whether the package $1 is usable already.
present() {
    case $1 in
    chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
    node) command -v node && command -v npm ;;
    python) python3 -c 'import ensurepip, venv' 2>&1 ;;
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb ;;
    *) command -v "$1" ;;
    esac >/dev/null
}

missing=()
for package in "$@"; do
    present "$package" || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    say "installing ${missing[*]}"
    packages=("${missing[@]/#node/nodejs npm}")
    packages=("${packages[@]/#python/python3 python3-venv}")
    if ! command -v apt-get >/dev/null; then
        say "this machine has no apt-get; install by hand: ${missing[*]}"
    else
        # shellcheck disable=SC2068 # "nodejs npm" are two words.
        as_root apt-get update -q >/dev/null && as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qy --no-install-recommends ${packages[@]} >/dev/null || say "could not install ${missing[*]}"
    fi
fi

case " $* " in
*" chromium "*)
    if present node && [ ! browser/package-lock.json -ot browser/node_modules/.package-lock.json ] 2>/dev/null; then
        say "installing the browser suite's packages"
        (cd browser && npm ci --silent --no-audit --no-fund) || say "could not install the browser suite's packages"
    fi
    ;;
esac
exit 0
