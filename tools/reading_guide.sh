#!/bin/sh
# Prints the reading guide: the comments that begin with "/*~ 1.", "/*~ 2." … in their order. They follow one request from the
# socket to the disk.
set -eu
cd "$(dirname "$0")/.."
# shellcheck disable=SC2016 # the dollars are awk's
find src -name '*.[ch]' -print | sort | xargs awk '
/^[ \t]*\/\*~ *[0-9]+\./ {
	text_line = $0
	sub(/^[ \t]*\/\*~ */, "", text_line)
	n = text_line + 0
	if (n > last)
		last = n
	location[n] = FILENAME ":" FNR
	inside = 1
	line = text_line
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
		if (n in location)
			printf "%d. %s\n%s\n", n, location[n], text[n]
}'
