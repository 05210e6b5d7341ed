#!/bin/sh
# Runs clang-tidy with .clang-tidy on every compiled file. A file without findings is skipped in later runs while its
# preprocessed text, its flags, .clang-tidy and the version of clang-tidy are the same. On a CI machine (CI is set) there are no
# later runs, so nothing is preprocessed to find out. $1: a build folder of clang (default: build-clang).
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
cd "${1:-$here/build-clang}"
mkdir -p tidy-seen
rules=$(cat "$here/.clang-tidy" && clang-tidy --version)
export rules here

# One line for each file, from compile_commands.json: its path and the flags for the preprocessor. The -I flags of the programs'
# private folders (….p) are left out, so that a file that is part of several programs is checked once.
python3 -c '
import json, shlex
for entry in json.load(open("compile_commands.json")):
	if entry["file"].startswith("/usr/"):
		continue
	words = shlex.split(entry["command"])
	keep = [w for i, w in enumerate(words) if not (w[:2] == "-I" and w.endswith(".p")) and w[:2] in ("-I", "-D") or w.startswith("-std") or w.startswith("-isystem")
		or words[i - 1] == "-isystem"]
	print(entry["file"], *(shlex.quote(w) for w in keep))
' | sort -u >tidy-files

# shellcheck disable=SC2016 # the dollars belong to the inner shell
xargs -d '\n' -P "$(nproc)" -I{} sh -c '
	file=${1%% *}
	eval "set -- ${1#* }"
	content() { if [ -z "${CI:-}" ]; then clang "$@" -E -dD -C "$file"; fi; }
	key=$( { echo "$rules" "$file" "$@"; content "$@"; } 2>/dev/null | sha256sum | cut -c 1-32)
	test -e "tidy-seen/$key" && exit 0
	if clang-tidy -p . --quiet "$file" 2>/dev/null >"tidy-seen/$key.out"; then
		touch "tidy-seen/$key"
		rm -f "tidy-seen/$key.out"
	else
		sed "s|^$here/||; s|^\.\./||" "tidy-seen/$key.out"
		test -s "tidy-seen/$key.out" || echo "$file: clang-tidy failed"
		rm -f "tidy-seen/$key.out"
		exit 1
	fi' sh {} <tidy-files
