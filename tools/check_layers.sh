#!/bin/sh
# shellcheck disable=SC2016 # the dollars are awk's
# Who includes whom, against layers.txt: folders look down only, no circle among the rooms of a folder, base/lock.h and
# every header from outside only in the rooms that are listed. Prints file:line: what is wrong. $1: the tree to check.
set -eu
cd "${1:-$(dirname "$0")/..}"

find src -name '*.[ch]' -o -name '*.def' | sort | xargs awk '
function room_of(path) { sub(/\.[a-z]+$/, "", path); return path }
function folder_of(path) { sub(/\/.*/, "", path); return path }
function wrong(what) { print FILENAME ":" FNR ": " what; bad = 1 }
function tell(where, what) { print where ": " what; bad = 1 }

# Depth first through the rooms of one folder; the path walked so far stands in stack[].
function walk(room, depth,    n, i, next_rooms, circle, j) {
	state[room] = "open"
	stack[depth] = room
	n = split(uses[room], next_rooms, " ")
	for (i = 1; i <= n; i++) {
		if (state[next_rooms[i]] == "open") {
			circle = next_rooms[i]
			for (j = depth; stack[j] != next_rooms[i]; j--)
				circle = stack[j] " -> " circle
			tell(where[room, next_rooms[i]], "a circle: " next_rooms[i] " -> " circle)
		} else if (state[next_rooms[i]] == "")
			walk(next_rooms[i], depth + 1)
	}
	state[room] = "done"
}

FILENAME == "layers.txt" {
	sub(/#.*/, "")
	if ($1 == "lock")
		for (i = 2; i <= NF; i++)
			may_lock[$i] = 1
	else if ($1 == "libc")
		for (i = 2; i <= NF; i++)
			libc[$i] = 1
	else if ($1 == "only")
		for (i = 3; i <= NF; i++)
			seen_by[$2, $i] = foreign[$2] = 1
	else if (NF) {
		known[$1] = 1
		for (i = 2; i <= NF; i++)
			may[$1, $i] = 1
	}
	next
}

FNR == 1 {
	path = FILENAME
	sub(/^src\//, "", path)
	room = room_of(path)
	folder = folder_of(path)
	if (!(folder in known))
		wrong(folder "/ is not in layers.txt")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	target = $0
	sub(/^[^"]*"/, "", target)
	sub(/".*/, "", target)
	to_folder = folder_of(target)
	to = room_of(target)
	if (target !~ /\// || !(to_folder in known)) {
		wrong("\"" target "\": an include is written from src/ and names its floor")
		next
	}
	if (to_folder != folder && !((folder, to_folder) in may) && !((folder, "*") in may))
		wrong(folder "/ may not include " to_folder "/")
	if (target == "base/lock.h" && room != "base/lock" && !(room in may_lock))
		wrong(room " may not lock: it is on no lock line of layers.txt")
	if (to_folder == folder && to != room && !((room, to) in where)) {
		uses[room] = uses[room] " " to
		where[room, to] = FILENAME ":" FNR
		if (!(room in listed)) {
			listed[room] = 1
			rooms[++n_rooms] = room
		}
	}
	next
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	target = $0
	sub(/^[^<]*</, "", target)
	sub(/>.*/, "", target)
	if (target in foreign) {
		if (!((target, room) in seen_by) && !((target, folder "/*") in seen_by))
			wrong("<" target "> is not for " room ": the only line of layers.txt says where it lives")
	} else if (!(target in libc))
		wrong("<" target "> stands on no libc or only line of layers.txt")
	next
}

/^[ \t]*#[ \t]*include/ { wrong("an include by macro hides its floor") }

END {
	for (i = 1; i <= n_rooms; i++)
		if (state[rooms[i]] == "")
			walk(rooms[i], 1)
	exit bad
}
' layers.txt
