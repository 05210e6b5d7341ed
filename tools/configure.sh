#!/bin/sh
# Makes a build folder. $1: its name, $2: the compiler, then options for meson setup.
set -eu
cd "$(dirname "$0")/.."
folder=$1
compiler=$2
shift 2
for tool in meson ninja pkg-config "$compiler"; do
	command -v "$tool" >/dev/null 2>&1 || { echo "$tool is missing: run make setup"; exit 1; }
done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! CC=$compiler meson setup "$folder" "$@" >"$log" 2>&1; then
	cat "$log"
	rm -rf "$folder"
	echo "if a library is missing: run make setup"
	exit 1
fi
