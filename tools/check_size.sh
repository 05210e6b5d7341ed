#!/bin/sh
# A room fits into a head: at most 400 lines a file in src/, 50 lines a function everywhere (between its braces).
# Prints file:line: what is wrong. $1: the tree to check.
set -eu
cd "${1:-$(dirname "$0")/..}"

trees=
for tree in src tests fuzz bench; do
	if [ -d "$tree" ]; then trees="$trees $tree"; fi
done
# shellcheck disable=SC2086,SC2016 # a list of folders; the dollars are awk's
find $trees -name node_modules -prune -o -name '*.[ch]' -print | sort | xargs awk '
FNR == 1 { start = 0 }
FILENAME ~ /^src\// && FNR == 401 { print FILENAME ":401: longer than 400 lines: find the second thing in it"; bad = 1 }
/^\{/ { start = FNR }
/^\}/ && start {
	if (FNR - start - 1 > 50) {
		print FILENAME ":" start ": a function of " FNR - start - 1 " lines; 50 are the limit"
		bad = 1
	}
	start = 0
}
END { exit bad }
'
