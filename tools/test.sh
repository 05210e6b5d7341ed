#!/bin/sh
# Runs the tests of one build folder, then the end-to-end tests with a program, and prints the numbers of tests at the end.
# $1: the build folder of the meson tests; $2: the program for the end-to-end tests, or "-" for none; the rest: arguments for
# meson test.
set -eu
cd "$(dirname "$0")/.."
# One PostgreSQL cluster for the whole run.
if [ -z "${TEST_POSTGRES:-}" ]; then TEST_POSTGRES_FSYNC=off exec tools/with_postgres.py tools/test.sh "$@"; fi
folder=$1
program=$2
shift 2

status=0
# The tests of src/api and the end-to-end tests append every answer of the API to this file. At the end openapi_coverage.mjs
# compares the answers with the OpenAPI description; only a complete run can show which described answers never occur.
OBSERVED_ANSWERS=$(realpath "$folder")/observed_answers.jsonl
export OBSERVED_ANSWERS
rm -f "$OBSERVED_ANSWERS"
meson_arguments=$#
meson test -C "$folder" "$@" || status=1
# Test programs report their cases in TAP; a fuzz target counts as one case. Prints the output of the programs that failed.
meson_counts=$(
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
	output = re.sub(r"^ok .*\n", "", run.get("stdout") or "", flags=re.M) + (run.get("stderr") or "")
	print(output[-20000:], file=sys.stderr)
print(f"{cases} cases in {programs} test programs, {failed} failed")
PY
)

# End-to-end tests mostly wait, so three files run at a time, the longest first. Files that measure run alone, before the others.
alone=throughput
first='page_checks_verify console_pages pages console_passkeys webhook_faults mail_crash pooler postgres postgres_connections standby mail_relay mail limits stop'
# Files that run only once, not again with PostgreSQL: they test SQLite's file, choose their database themselves, do not run kycd, or look at pages that do not depend on the database.
once='database|db_copy|upgrade|instance_lock|operating|database_faults|mail_crash|pooler|postgres|postgres_connections|standby|wallet_rows|clients|clients_description|documentation|reference|reference_access|reference_samples|webhook_receivers|page_checks|page_checks_verify|pages|console_live|console_pages|console_proxy'
run_e2e_files() { # files to leave out, as a pattern
	for file in $alone; do tools/run_e2e.sh "$file.test.mjs"; done
	{
		for file in $first; do echo "$file"; done
		(cd tests/e2e && ls -- *.test.mjs) | sed 's/\.test\.mjs$//'
	} | awk '!seen[$0]++' | grep -vxE "$alone|$1" | sed 's/$/.test.mjs/' | xargs -P 3 -n 1 tools/run_e2e.sh
}
# Prints the names and errors of the failed tests of a log, to repeat them at the end of the output.
print_failures() { # database engine, log
	awk -v engine="$1" '/^--- /{ file = $2; after = 0 } /failing tests:$/{ after = 1; print "--- " file " on " engine } after && !/^$|^exit /' "$2" |
		grep -vE '^ +at |^[^a-z]*(suites|cancelled|skipped|todo|pass|duration_ms|tests|fail) [0-9.]+$' | cut -c 1-600 | head -n 120
}
e2e_counts=
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
		echo "end-to-end tests on $engine"
		run_e2e_files "$left_out" | tee "$log" |
			grep -vE '^[^a-z]*(suites|cancelled|skipped|todo|pass|duration_ms|tests|fail) [0-9.]+$'
		if grep -q '^exit ' "$log"; then
			status=1
			failures="$failures$(print_failures $engine "$log"; grep '^exit ' "$log")
"
		fi
		e2e_counts="$e2e_counts${e2e_counts:+; }$engine, $(sed -nE 's/^[^a-z]*(tests|skipped|fail|cancelled) ([0-9]+)$/\1 \2/p' "$log" |
			awk '{ n[$1] += $2 } END { print n["tests"] - n["skipped"] " tests, " n["fail"] + n["cancelled"] " failed" }')"
	done
	unset E2E_DATABASE
	rm -f "$log"
fi

coverage='answers compared with the OpenAPI description: none'
if [ -f "$OBSERVED_ANSWERS" ] && [ -d tests/node_modules ]; then
	all=
	if [ "$program" != - ] && [ "$meson_arguments" -eq 0 ]; then all=--all; fi
	coverage=$(cd tests && KYCD=$(realpath "../$folder")/kycd node openapi_coverage.mjs $all) || status=1
fi

if [ -n "$failures" ]; then printf 'Failed end-to-end tests:\n%s' "$failures"; fi
echo "unit, contract, wire and fuzz seed tests ($folder): $meson_counts"
if [ "$program" != - ]; then echo "end-to-end tests ($program): $e2e_counts"; fi
echo "$coverage"
exit $status
