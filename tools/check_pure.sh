#!/bin/sh
# Checks the undefined symbols of the built libraries: domain/ may only use memory functions and those modules of base that
# have no side effects, and only main may use system functions for time, randomness and the environment. (check_words.sh
# checks the same in the source text.) Needs a release build, because sanitizers add symbols. $1: its folder (default: build).
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
wrong=$(mktemp)
trap 'rm -f "$wrong"' EXIT

undefined_symbols() { # library name -> "object: symbol" lines for the symbols that the library does not define itself
	nm -A "$build/libkycd-$1.a" | awk '
		{ object = $1; sub(/:[0-9a-f]*$/, "", object); sub(/.*:/, "", object); sub(/\.o$/, "", object); sub(/.*\//, "", object) }
		NF == 2 || $2 == "U" { if ($(NF - 1) == "U") wanted[$NF] = object; next }
		{ if ($(NF - 1) ~ /^[A-Z]$/) defined[$NF] = 1 }
		END { for (s in wanted) if (!(s in defined)) print wanted[s] ": " s }'
}

if [ ! -f "$build/libkycd-domain.a" ]; then
	echo "$build/libkycd-domain.a: not found: build it with make"
	exit 1
fi

# Modules of base that use no lock, file or clock.
pure='(str|buf|arena|moment|span|err)_[a-z0-9_]*'
undefined_symbols domain | grep -vE ": (mem[a-z]+|__mem[a-z]+_chk|$pure|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)\$" |
	sed 's/^/domain: /; s/$/   <- domain must not use this function: pass its result as an argument/' >>"$wrong" || true

system='time|clock_gettime|gettimeofday|rand|srand|random|srandom|getrandom|getentropy|arc4random[a-z_]*|(__)?(secure_)?getenv'
system="$system|sleep|usleep|nanosleep|clock_nanosleep|randombytes_[a-z]+"
for library in "$build"/libkycd-*.a; do
	folder=$(basename "$library" .a)
	folder=${folder#libkycd-}
	case $folder in main-*) continue ;; esac
	undefined_symbols "$folder" | grep -E ": ($system)\$" | grep -vE '^src_base_lock\.c: clock_gettime$' |
		sed "s/^/$folder: /; s/\$/   <- only src\/main may use this system function: use struct world/" >>"$wrong" || true
done

cat "$wrong"
test ! -s "$wrong"
