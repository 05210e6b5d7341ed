#!/bin/sh
# Checks that files in src/ have at most 400 lines, and functions in all C files at most 50 lines between their braces.
# Prints file:line: message. $1: the repository to check (default: this one).
set -eu
cd "${1:-$(dirname "$0")/..}"

folders=
for folder in src tests fuzz bench; do
	if [ -d "$folder" ]; then folders="$folders $folder"; fi
done
# shellcheck disable=SC2086,SC2016 # a list of folders; the dollars are awk's
find $folders -name node_modules -prune -o -name '*.[ch]' -print | sort | xargs awk '
FNR == 1 { start = 0 }
FILENAME ~ /^src\// && FNR == 401 { print FILENAME ":401: the file is longer than 400 lines: split it"; bad = 1 }
/^\{/ { start = FNR }
/^\}/ && start {
	if (FNR - start - 1 > 50) {
		print FILENAME ":" start ": the function has " FNR - start - 1 " lines, more than 50: split it"
		bad = 1
	}
	start = 0
}
END { exit bad }
'
