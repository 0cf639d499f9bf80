#!/usr/bin/env bash
# Loads N generated identifiers into one registry, verifies it, looks them up, and writes down what
# that took and gave (--help tells all):
#
#     bench/scale/run.sh 10000000000 --mix 3
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

for program in python3 setsid taskset; do
    command -v "$program" >/dev/null || {
        printf 'scale: %s is missing\n' "$program" >&2
        exit 3
    }
done
exec python3 -B "$here/scale.py" "$@"
