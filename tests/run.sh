#!/usr/bin/env bash
# Everything that must hold, from a fresh clone on: installs what the machine lacks, builds `check`
# (with sanitizers) and `release` (for the deploy test and the documents' examples), runs every
# test, and ends with ctest's count. Arguments go to ctest, for example: tests/run.sh -R Envelope
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

deploy/packages.sh run build test
cmake --preset check
cmake --build --preset check
if [ $# -eq 0 ]; then
    # What takes long is done here; the tests of these names then find it done, or say what failed.
    tests/deploy/release_copy.py build/check || printf 'the test deploy.release will fail\n' >&2
    tests/clang_syntax.py build/check || printf 'the test syntax.clang will fail\n' >&2
fi

log=build/check/ctest.log
status=0
ctest --preset check "$@" 2>&1 | tee "$log" || status=$?
grep -E '^[0-9]+% tests passed, [0-9]+ tests? failed out of [0-9]+$' "$log" || status=1
exit "$status"
