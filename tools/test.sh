#!/bin/sh
# Runs the tests of one build folder, then the journeys against a program, and counts at the end.
# $1: build folder of the meson tests; $2: the program for the journeys, or "-" for none; then arguments for meson test.
set -eu
cd "$(dirname "$0")/.."
# One PostgreSQL cluster for the whole run.
if [ -z "${TEST_POSTGRES:-}" ]; then TEST_POSTGRES_FSYNC=off exec tools/with_postgres.py tools/test.sh "$@"; fi
folder=$1
program=$2
shift 2

status=0
# What the tests of endpoints and the stories heard, to be held against the program's own description of its API. A run of
# chosen tests only does not hear all.
HEARD_ANSWERS=$(realpath "$folder")/heard.jsonl
export HEARD_ANSWERS
rm -f "$HEARD_ANSWERS"
chosen=$#
meson test -C "$folder" "$@" || status=1
# Each test program tells its cases in TAP; a fuzz target is one case. Of what failed, everything that it said is shown.
counts=$(
	python3 - "$folder/meson-logs/testlog.json" <<'PY'
import json, re, sys
programs = cases = failed = 0
for line in open(sys.argv[1]):
	run = json.loads(line)
	rows = re.findall(r"^(not ok|ok)\b", run.get("stdout") or "", re.M)
	programs += 1
	cases += len(rows) or 1
	if run["result"] in ("OK", "SKIP", "EXPECTEDFAIL"):
		continue
	failed += rows.count("not ok") or 1
	print("---", run["name"], run["result"], file=sys.stderr)
	said = re.sub(r"^ok .*\n", "", run.get("stdout") or "", flags=re.M) + (run.get("stderr") or "")
	print(said[-20000:], file=sys.stderr)
print(f"{cases} cases in {programs} test programs, {failed} failed")
PY
)

# Stories wait more than they work: three files at a time, those that wait longest first. Before them, and alone, those that measure.
alone=throughput
first='killed postgres standby mail_relay mail limits stop'
# Not told on PostgreSQL again: each story is about SQLite's file, or names its own; runs on PostgreSQL anyway; or runs no kycd.
once='database|db_copy|upgrade|hold|operating|trouble|killed|postgres|standby|wallet_rows'
tell_stories() { # which are left out, as a pattern
	for story in $alone; do tools/run_e2e.sh "$story.test.mjs"; done
	{
		for story in $first; do echo "$story"; done
		(cd tests/e2e && ls -- *.test.mjs) | sed 's/\.test\.mjs$//'
	} | awk '!seen[$0]++' | grep -vxE "$alone|$1" | sed 's/$/.test.mjs/' | xargs -P 3 -n 1 tools/run_e2e.sh
}
# Of the stories that failed: their names and why, once more, for these stand far up by now.
tell_failures() { # the engine; the log
	awk -v engine="$1" '/^--- /{ file = $2; after = 0 } /failing tests:$/{ after = 1; print "--- " file " on " engine } after && !/^$|^exit /' "$2" |
		grep -vE '^ +at |^[^a-z]*(suites|cancelled|skipped|todo|pass|duration_ms|tests|fail) [0-9.]+$' | cut -c 1-600 | head -n 120
}
journeys=
failures=
if [ "$program" != - ] && [ -n "$(find tests/e2e -name '*.test.mjs' | head -n 1)" ]; then
	KYCD=$(realpath "$program")
	export KYCD
	log=$(mktemp)
	for engine in SQLite PostgreSQL; do
		left_out=
		if [ $engine = PostgreSQL ]; then
			export E2E_DATABASE="$TEST_POSTGRES"
			left_out=$once
		fi
		echo "stories on $engine"
		tell_stories "$left_out" | tee "$log" |
			grep -vE '^[^a-z]*(suites|cancelled|skipped|todo|pass|duration_ms|tests|fail) [0-9.]+$'
		if grep -q '^exit ' "$log"; then
			status=1
			failures="$failures$(tell_failures $engine "$log"; grep '^exit ' "$log")
"
		fi
		journeys="$journeys${journeys:+; }$engine, $(sed -nE 's/^[^a-z]*(tests|skipped|fail|cancelled) ([0-9]+)$/\1 \2/p' "$log" |
			awk '{ n[$1] += $2 } END { print n["tests"] - n["skipped"] " stories, " n["fail"] + n["cancelled"] " failed" }')"
	done
	unset E2E_DATABASE
	rm -f "$log"
fi

described='not asked for'
if [ -f "$HEARD_ANSWERS" ] && [ -d tests/node_modules ]; then
	all=
	if [ "$program" != - ] && [ "$chosen" -eq 0 ]; then all=--all; fi
	described=$(cd tests && KYCD=$(realpath "../$folder")/kycd node openapi_coverage.mjs $all) || status=1
fi

if [ -n "$failures" ]; then printf 'What failed:\n%s' "$failures"; fi
echo "unit, contract, wire, fuzz seeds ($folder): $counts"
if [ "$program" != - ]; then echo "journeys ($program): $journeys"; fi
echo "$described"
exit $status
