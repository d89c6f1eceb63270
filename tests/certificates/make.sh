#!/usr/bin/env bash
# Makes the certificates that the suites' servers show: an authority of their own, and a server that it vouches for.
# They guard nothing. Run it again only to change their names.
set -euo pipefail
cd "$(dirname "$0")"
days=36500
key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
key "$scratch/authority.key"
openssl req -x509 -new -key "$scratch/authority.key" -days $days -subj "/CN=Dormouse test authority" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" -out authority.pem
key server.key
openssl req -new -key server.key -subj "/CN=tls.example.com" -out "$scratch/server.csr"
printf 'subjectAltName=DNS:tls.example.com,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' > "$scratch/names"
openssl x509 -req -in "$scratch/server.csr" -CA authority.pem -CAkey "$scratch/authority.key" -days $days \
    -extfile "$scratch/names" -out server.pem
