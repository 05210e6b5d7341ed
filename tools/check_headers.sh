#!/bin/sh
# Checks that every header below src/ compiles alone with gcc and clang, begins with a comment about its purpose and has
# #pragma once. Prints file:line: message. $1: the repository to check (default: this one).
set -eu
cd "${1:-$(dirname "$0")/..}"
# shellcheck disable=SC2046 # a list of flags
set -- -std=gnu17 -D_GNU_SOURCE -Isrc -isystem /usr/share/include/llhttp $(pkg-config --cflags jansson sqlite3 libcurl libpq libsodium libsecp256k1 libfido2 libidn2 libqrencode zlib) \
	-Wall -Wextra -Wpedantic -Wstrict-prototypes -Wundef -Werror -fsyntax-only -x c
wrong=$(mktemp)
trap 'rm -f "$wrong"' EXIT

for header in $(find src -name '*.h' | sort); do
	head -n 1 "$header" | grep -q '^/\*' || echo "$header:1: the comment about the module's purpose is missing: begin the header with it" >>"$wrong"
	grep -q '^#pragma once$' "$header" || echo "$header:1: #pragma once is missing: add it after the opening comment" >>"$wrong"
done

# Each header is included twice from a main file; compiled as the main file itself, #pragma once would cause a warning.
# shellcheck disable=SC2016 # the dollars belong to the inner shell
find src -name '*.h' | sort | sed 's|^src/||' | xargs -P "$(nproc)" -I{} sh -c '
	header=$1
	shift
	for compiler in gcc clang; do
		messages=$(printf "#include \"%s\"\n#include \"%s\"\nextern int not_empty;\n" "$header" "$header" | $compiler "$@" - 2>&1) ||
			printf "%s\n" "$messages" # one write: several shells write at the same time
	done' sh {} "$@" >>"$wrong"

cat "$wrong"
test ! -s "$wrong"
