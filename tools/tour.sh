#!/bin/sh
# Prints the comments that begin with "/*~ 1.", "/*~ 2." … in their order: one request, from the door to the disk.
set -eu
cd "$(dirname "$0")/.."
# shellcheck disable=SC2016 # the dollars are awk's
find src -name '*.[ch]' -print | sort | xargs awk '
/^[ \t]*\/\*~ *[0-9]+\./ {
	stop = $0
	sub(/^[ \t]*\/\*~ */, "", stop)
	n = stop + 0
	if (n > last)
		last = n
	place[n] = FILENAME ":" FNR
	inside = 1
	line = stop
	sub(/^[0-9]+\. */, "", line)
}
inside {
	if (line == "") {
		line = $0
		sub(/^[ \t]*\*?\/? ?/, "", line)
	}
	if ($0 ~ /\*\//) {
		sub(/ *\*\/.*/, "", line)
		inside = 0
	}
	if (line != "")
		text[n] = text[n] "   " line "\n"
	line = ""
}
END {
	for (n = 1; n <= last; n++)
		if (n in place)
			printf "%d. %s\n%s\n", n, place[n], text[n]
}'
