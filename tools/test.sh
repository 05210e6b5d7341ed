#!/bin/sh
# Runs the tests of one build folder, then the journeys against a program, and counts at the end.
# $1: build folder of the meson tests; $2: the program for the journeys, or "-" for none; then arguments for meson test.
set -eu
cd "$(dirname "$0")/.."
folder=$1
program=$2
shift 2

status=0
meson test -C "$folder" --print-errorlogs "$@" || status=1
# Each test program tells its cases in TAP; the fuzz seeds and shell tests are one case each.
counts=$(python3 - "$folder/meson-logs/testlog.json" <<'PY'
import json, re, sys
programs = cases = failed = 0
for line in open(sys.argv[1]):
	run = json.loads(line)
	rows = re.findall(r"^(not ok|ok)\b", run.get("stdout") or "", re.M)
	programs += 1
	cases += len(rows) or 1
	bad = rows.count("not ok")
	failed += bad or (run["result"] not in ("OK", "SKIP", "EXPECTEDFAIL"))
print(f"{cases} cases in {programs} test programs, {failed} failed")
PY
)

journeys='none yet'
if [ "$program" != - ] && [ -n "$(find tests/journey -name '*.test.mjs' | head -n 1)" ]; then
	KYCD=$(realpath "$program")
	export KYCD
	log=$(mktemp)
	# Files are named one by one: node 18 and 22 understand a folder differently.
	(cd tests && node --test --test-reporter=spec journey/*.test.mjs 2>&1; echo "exit $?") | tee "$log" | grep -v '^exit '
	grep -q '^exit 0$' "$log" || status=1
	journeys=$(sed -nE 's/^[^a-z]*(tests|fail) ([0-9]+)$/\1 \2/p' "$log" |
		awk '{ n[$1] = $2 } END { print n["tests"] " stories, " n["fail"] " failed" }')
	rm -f "$log"
fi

echo "unit, contract, wire, fuzz seeds ($folder): $counts"
if [ "$program" != - ]; then echo "journeys ($program): $journeys"; fi
exit $status
