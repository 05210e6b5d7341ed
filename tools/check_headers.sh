#!/bin/sh
# Every header can stand alone, with both compilers, says what it is for and is read once. Prints file:line: what is
# wrong. $1: the tree to check.
set -eu
cd "${1:-$(dirname "$0")/..}"
# shellcheck disable=SC2046 # a list of flags
set -- -std=gnu17 -D_GNU_SOURCE -Isrc -isystem /usr/share/include/llhttp $(pkg-config --cflags jansson sqlite3 libcurl libsodium libsecp256k1 libidn2) \
	-Wall -Wextra -Wpedantic -Wstrict-prototypes -Wundef -Werror -fsyntax-only -x c
wrong=$(mktemp)
trap 'rm -f "$wrong"' EXIT

for header in $(find src -name '*.h' | sort); do
	head -n 1 "$header" | grep -q '^/\*' || echo "$header:1: a header opens with what the room is for" >>"$wrong"
	grep -q '^#pragma once$' "$header" || echo "$header:1: #pragma once is missing" >>"$wrong"
done

# As an include, twice: by itself it would be a main file, of which "once" is not true.
# shellcheck disable=SC2016 # the dollars belong to the inner shell
find src -name '*.h' | sort | sed 's|^src/||' | xargs -P "$(nproc)" -I{} sh -c '
	header=$1
	shift
	for compiler in gcc clang; do
		said=$(printf "#include \"%s\"\n#include \"%s\"\n" "$header" "$header" | $compiler "$@" - 2>&1) ||
			printf "%s\n" "$said" # at once: others write at the same time
	done' sh {} "$@" >>"$wrong"

cat "$wrong"
test ! -s "$wrong"
