#!/bin/sh
# Makes the certificates once: an authority for node-0001 and node-0002, another one for node-0003.
# No authority's key is kept, and each node's volume gets that node's key alone.
set -eu
umask 077

here=${1:-/deploy}
volumes=${2:-/certificates}

make_for() { # instances file, then the names in it
    instances=$1
    shift
    work=$(mktemp -d)
    isthmus certutil cert --silent --pem --in "$instances" --out "$work/certificates.zip"
    python -m zipfile -e "$work/certificates.zip" "$work"
    for name in "$@"; do
        cp "$work/ca/ca.crt" "$volumes/$name/ca.crt"
        cp "$work/$name/$name.crt" "$volumes/$name/node.crt"
        cp "$work/$name/$name.key" "$volumes/$name/node.key"
        chown -R 1000:0 "$volumes/$name"
        chmod 0755 "$volumes/$name"
        chmod 0644 "$volumes/$name/ca.crt" "$volumes/$name/node.crt"
    done
    rm -r "$work"
}

if [ -e "$volumes/node-0003/node.key" ]; then
    echo "the certificates are there already"
    exit 0
fi
make_for "$here/instances.yml" node-0001 node-0002
make_for "$here/instances-alien.yml" node-0003
