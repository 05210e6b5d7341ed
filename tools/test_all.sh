#!/bin/sh
# Runs the quick checks, then all tests. The slow checks run beside the tests at low priority: they use the time in which
# end-to-end tests wait. Their result is printed at the end.
set -eu
cd "$(dirname "$0")/.."
tools/check.sh quick
log=$(mktemp)
nice -n 19 tools/check.sh slow >"$log" 2>&1 &
checks=$!
trap 'kill "$checks" 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 1' INT TERM
status=0
tools/test.sh build-debug build/kycd || status=1
wait "$checks" || status=1
cat "$log"
exit $status
