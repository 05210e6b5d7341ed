#!/bin/sh
# `make run`: installs missing packages, builds, and starts development mode. Prints one line per step, and a line with the elapsed
# time every 15 seconds and at the end of a step, because apt-get and the compiler print nothing for minutes.
set -eu
cd "$(dirname "$0")/.."

# $1: text of the step; the rest: its command
step() {
	text=$1
	shift
	start=$(date +%s)
	echo "$text ..."
	# The reporter ends when the step does, also if this script is interrupted.
	(while sleep 15 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do echo "$text: $(($(date +%s) - start)) s so far"; done) &
	reporter=$!
	trap 'kill "$reporter" 2>/dev/null' EXIT
	code=0
	"$@" || code=$?
	kill "$reporter" 2>/dev/null || true
	trap - EXIT
	[ "$code" -eq 0 ] || exit "$code"
	echo "$text: done after $(($(date +%s) - start)) s"
}

step 'make run, step 1 of 2: installing missing packages' tools/setup.sh build
step 'make run, step 2 of 2: building' make --no-print-directory all
exec build/kycd serve --dev
