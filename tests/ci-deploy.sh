#!/usr/bin/env bash
# Deploys a function as a CI job does, with nothing but curl: uploads a component, sends traffic to it,
# calls it, does the same with a second one, and rolls back. Every answer is checked.
#
# usage: DORMOUSE_TOKEN=dm_… [DORMOUSE_URL=…] [DORMOUSE_PROJECT=…] tests/ci-deploy.sh FIRST.wasm SECOND.wasm
set -euo pipefail

first=${1:?usage: ci-deploy.sh FIRST.wasm SECOND.wasm}
second=${2:?usage: ci-deploy.sh FIRST.wasm SECOND.wasm}
: "${DORMOUSE_TOKEN:?make a token in the console and set DORMOUSE_TOKEN}"
function=$(basename "$first" .wasm | tr _ -)
api="${DORMOUSE_URL:-http://127.0.0.1:7070}/api/v1/projects/${DORMOUSE_PROJECT:-demo}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The token goes through a file: the command line of a process is no secret.
printf 'header = "Authorization: Bearer %s"\n' "$DORMOUSE_TOKEN" >"$folder/token"

# Sends a request to the API; ends the job unless the status is $1. The answer's body is $folder/body.
api() {
    local expected=$1 path=$2 status
    shift 2
    status=$(curl --silent --show-error --config "$folder/token" --output "$folder/body" \
        --dump-header "$folder/head" --write-out '%{http_code}' "$@" "$api$path")
    if [ "$status" != "$expected" ]; then
        echo "$path answered $status instead of $expected: $(cat "$folder/body")" >&2
        exit 1
    fi
}

# The value of the first field $1 of the answer, a number or a plain word.
field() {
    grep -o "\"$1\": *\"\?[^\",}]*" "$folder/body" | head -n 1 | sed 's/^"[^"]*": *"\?//'
}

# Uploads the component $1 with the message $2 and waits until it is ready; sets $version to its number.
upload() {
    local query="create=true&wait=60&message=$2"
    api 201 "/functions/$function/versions?$query" --header 'Content-Type: application/wasm' --data-binary "@$1"
    version=$(sed -n 's/^[Ll]ocation: .*\/versions\/v\{0,1\}\([0-9]*\).*/\1/p' "$folder/head")
    if [ "$(field state)" != ready ]; then
        echo "version $version was refused: $(cat "$folder/body")" >&2
        exit 1
    fi
    echo "uploaded $1 as v$version"
}

# Sends all traffic to $version; sets $address to where the function answers.
deploy() {
    api 201 "/functions/$function/deployments" --json "{\"versions\":[{\"version\":$version,\"weight\":100}]}"
    address=$(grep -o '"urls": *\["[^"]*' "$folder/body" | sed 's/.*"//; s/{\*rest}$//')
    echo "deployed v$version to $address"
}

# Calls the function and writes the answer into the file $1; version $2 must have given it.
call() {
    curl --silent --show-error --fail --output "$1" --dump-header "$folder/head" "$address"
    if ! grep -qi "^dormouse-version: v$2" "$folder/head"; then
        echo "another version than v$2 answered: $(cat "$folder/head")" >&2
        exit 1
    fi
    echo "called v$2"
}

upload "$first" first
deploy
first_version=$version
call "$folder/first" "$first_version"

upload "$second" second
call "$folder/unmoved" "$first_version"
deploy
call "$folder/second" "$version"

api 201 "/functions/$function/rollback" --json '{"message":"the first one was better"}'
call "$folder/again" "$first_version"
cmp "$folder/first" "$folder/again"
echo "rolled back: the first answer is back"
