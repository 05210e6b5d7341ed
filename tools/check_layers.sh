#!/bin/sh
# shellcheck disable=SC2016 # the dollars are awk's
# Checks the includes below src/ against layers.txt: a folder includes only what its row lists, rows list only folders above
# them, modules of one folder have no include cycle, and base/lock.h and headers from outside are included only by the modules
# that layers.txt names. Prints file:line: message. $1: the repository to check (default: this one).
set -eu
cd "${1:-$(dirname "$0")/..}"

find src -name '*.[ch]' -o -name '*.def' | sort | xargs awk '
function module_of(path) { sub(/\.[a-z]+$/, "", path); return path }
# The files of i18n/messages/ are parts of i18n/messages.def and belong to i18n/.
function folder_of(path) {
	sub(/^i18n\/messages\//, "i18n/", path)
	return sub(/\/[^\/]*$/, "", path) ? path : ""
}
function top_of(path) { sub(/\/.*/, "", path); return path }
function report(what) { print FILENAME ":" FNR ": " what; bad = 1 }
function report_at(where, what) { print where ": " what; bad = 1 }
function may_include(folder, other) {
	if (folder == other)
		return 1
	if (top_of(folder) == top_of(other))
		return (folder, other) in may
	return (folder, other) in may || (folder, top_of(other)) in may || (top_of(folder), top_of(other)) in may || (top_of(folder), "*") in may
}

# Depth first through the modules of one folder; stack[] holds the path from the start.
function walk(module, depth,    n, i, next_modules, cycle, j) {
	state[module] = "open"
	stack[depth] = module
	n = split(uses[module], next_modules, " ")
	for (i = 1; i <= n; i++) {
		if (state[next_modules[i]] == "open") {
			cycle = next_modules[i]
			for (j = depth; stack[j] != next_modules[i]; j--)
				cycle = stack[j] " -> " cycle
			report_at(where[module, next_modules[i]], "include cycle: " next_modules[i] " -> " cycle)
		} else if (state[next_modules[i]] == "")
			walk(next_modules[i], depth + 1)
	}
	state[module] = "done"
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
			included_by[$2, $i] = external[$2] = 1
	else if (NF) {
		for (i = 2; i <= NF; i++) {
			if ($i != "*" && !($i in known))
				report("the row of " $1 " lists " $i ", which has no earlier row: list only folders above")
			may[$1, $i] = 1
		}
		if ($1 ~ /\// && !(top_of($1) in known))
			report("the row of " $1 " must come after the row of " top_of($1))
		known[$1] = 1
		if ($1 ~ /\//)
			has_subfolders[top_of($1)] = 1
	}
	next
}

FNR == 1 {
	path = FILENAME
	sub(/^src\//, "", path)
	module = module_of(path)
	folder = folder_of(path)
	if (!(folder in known))
		report(folder "/ is not in layers.txt: add a row for it")
	if (folder in has_subfolders)
		report(folder "/ has subfolders: move the file into one of them")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	target = $0
	sub(/^[^"]*"/, "", target)
	sub(/".*/, "", target)
	to_folder = folder_of(target)
	to = module_of(target)
	if (!(to_folder in known)) {
		report("\"" target "\": the path must be relative to src/ and begin with a folder of layers.txt")
		next
	}
	if (!may_include(folder, to_folder))
		report(folder "/ may not include " to_folder "/: its row in layers.txt does not list it")
	if (target == "base/lock.h" && module != "base/lock" && !(module in may_lock))
		report(module " may not include base/lock.h: no \"lock\" line of layers.txt lists it")
	if (to_folder == folder && to != module && !((module, to) in where)) {
		uses[module] = uses[module] " " to
		where[module, to] = FILENAME ":" FNR
		if (!(module in listed)) {
			listed[module] = 1
			modules[++n_modules] = module
		}
	}
	next
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	target = $0
	sub(/^[^<]*</, "", target)
	sub(/>.*/, "", target)
	if (target in external) {
		if (!((target, module) in included_by) && !((target, folder "/*") in included_by))
			report(module " may not include <" target ">: no \"only\" line of layers.txt lists it")
	} else if (!(target in libc))
		report("<" target "> is not in layers.txt: add it to a \"libc\" or \"only\" line")
	next
}

/^[ \t]*#[ \t]*include/ { report("#include with a macro is not allowed: write the path") }

END {
	for (i = 1; i <= n_modules; i++)
		if (state[modules[i]] == "")
			walk(modules[i], 1)
	exit bad
}
' layers.txt
