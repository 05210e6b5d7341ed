#!/bin/sh
# Creates a build folder. $1: its name, $2: the compiler; the rest: options for meson setup. Meson's output is printed only if
# it fails; then the folder is removed.
set -eu
cd "$(dirname "$0")/.."
folder=$1
compiler=$2
shift 2
for tool in meson ninja pkg-config "$compiler"; do
	command -v "$tool" >/dev/null 2>&1 || { echo "tools/configure.sh: $tool is not installed: run make setup"; exit 1; }
done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! CC=$compiler meson setup "$folder" "$@" >"$log" 2>&1; then
	cat "$log"
	rm -rf "$folder"
	echo "tools/configure.sh: meson setup failed: if a library is missing, run make setup"
	exit 1
fi
