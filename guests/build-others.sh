#!/usr/bin/env bash
# Builds the JavaScript and Python examples as components: guests/target/components/*.wasm
#
# Each is built once per machine and kept in the cache, under the hash of its sources and of what pins its
# tools, so that other clones find it there. The tools stay in folders of the cache too. Where they cannot be
# had, the reason lies in guests/target/components/<name>.skipped, and the suites report it.
set -euo pipefail
cd "$(dirname "$0")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dormouse
out=target/components
mkdir -p "$out" "$cache/guests" "$cache/tools"

say() { echo "guests: $*" >&2; }

# Ends a function that runs in a subshell; what it prints last is the reason.
fail() {
    echo "$*"
    exit 1
}

hash_of() { sha256sum "$@" | sha256sum | cut -c 1-32; }

# Installs componentize-js as package-lock.json pins it, and prints where.
tools_javascript() (
    tools=$cache/tools/javascript-$(hash_of javascript/package-lock.json)
    if [ ! -e "$tools/installed" ]; then
        command -v node >/dev/null && command -v npm >/dev/null || fail "Node.js with npm is not installed"
        say "installing componentize-js (once per machine)"
        mkdir -p "$tools"
        cp javascript/package.json javascript/package-lock.json "$tools"
        cd "$tools"
        npm ci --loglevel error --ignore-scripts --no-audit --no-fund >&2 ||
            fail "npm could not install componentize-js"
        { node --input-type=module --eval "import '@bytecodealliance/componentize-js'" &&
            node_modules/.bin/wizer --version; } >&2 ||
            fail "componentize-js does not run with Node.js $(node --version) on $(uname -sm)"
        touch installed
    fi
    echo "$tools"
)

# Installs componentize-py as requirements.txt pins it, and prints where.
tools_python() (
    tools=$cache/tools/python-$(hash_of python/requirements.txt)
    if [ ! -e "$tools/installed" ]; then
        command -v python3 >/dev/null || fail "Python is not installed"
        say "installing componentize-py (once per machine)"
        python3 -m venv --clear "$tools" >&2 || fail "Python cannot make a virtual environment"
        "$tools/bin/pip" install --quiet --require-hashes --requirement python/requirements.txt >&2 ||
            fail "pip could not install componentize-py"
        "$tools/bin/componentize-py" --version >&2 || fail "componentize-py does not run on $(uname -sm)"
        touch "$tools/installed"
    fi
    echo "$tools"
)

# build_javascript <tools> <work> <source> <target>
build_javascript() {
    cp "javascript/$3.js" javascript/build.mjs javascript/world.wit "$2"
    (cd "$2" && node build.mjs "$3.js" "$4") >&2
}

# build_python <tools> <work> <source> <target> <world>
build_python() {
    # A copy, since the interpreter leaves its own files beside the source.
    cp "python/$3.py" "$2"
    VIRTUAL_ENV=$1 "$1/bin/componentize-py" --quiet --wit-path ../wit/platform --world "$5" \
        componentize --python-path "$2" "$3" --output "$4" >&2
}

# component <language> <source> [<what else its builder asks for>]
component() {
    local language=$1 source=$2 name=$2-$1 files kept tools work
    case $language in
    javascript) files=(javascript/{"$source.js",build.mjs,world.wit,package-lock.json}) ;;
    python) files=(python/{"$source.py",requirements.txt} ../wit/platform/deps/*) ;;
    esac
    kept=$cache/guests/$(hash_of build-others.sh "${files[@]}").wasm
    rm -f "$out/$name.skipped"
    if [ ! -f "$kept" ]; then
        if ! tools=$("tools_$language"); then
            rm -f "$out/$name.wasm"
            say "SKIPPED: $name was not built: ${tools##*$'\n'}"
            echo "${tools##*$'\n'}" >"$out/$name.skipped"
            return
        fi
        say "building $name (once per machine)"
        work=$(mktemp -d "$tools/work-XXXXXX")
        "build_$language" "$tools" "$work" "$source" "$kept.part" "${@:3}"
        mv "$kept.part" "$kept"
        rm -r "$work"
    fi
    touch "$kept"
    ln -sf "$kept" "$out/$name.wasm"
}

exec 9>"$cache/guests/lock"
flock 9
component javascript hello
component javascript tour
component python tour wasi:http/proxy@0.2.12
component python tour3 wasi:http/service@0.3.0
component python gather wasi:http/proxy@0.2.12
# What no clone has used for a month is not kept.
find "$cache/guests" -name '*.wasm' -mtime +30 -delete
