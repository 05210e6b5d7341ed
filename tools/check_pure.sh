#!/bin/sh
# What the linker knows. domain/ asks for nothing but memory functions and base's own pure rooms; nobody but main asks the
# system for time, luck or the environment (check_words.sh sees the words, this sees the symbols). Looks at a release
# build: without sanitizers, inlined. $1: its folder (build).
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
wrong=$(mktemp)
trap 'rm -f "$wrong"' EXIT

undefined() { # folder of src/ -> "object: symbol" for what its library does not define itself
	nm -A "$build/libkycd-$1.a" | awk '
		{ object = $1; sub(/:[0-9a-f]*$/, "", object); sub(/.*:/, "", object); sub(/\.o$/, "", object); sub(/.*\//, "", object) }
		NF == 2 || $2 == "U" { if ($(NF - 1) == "U") wanted[$NF] = object; next }
		{ if ($(NF - 1) ~ /^[A-Z]$/) defined[$NF] = 1 }
		END { for (s in wanted) if (!(s in defined)) print wanted[s] ": " s }'
}

if [ ! -f "$build/libkycd-domain.a" ]; then
	echo "$build/libkycd-domain.a: is not there; make builds it"
	exit 1
fi

# base's rooms without a lock, a file or a clock.
pure='(str|buf|arena|moment|span|err)_[a-z0-9_]*'
undefined domain | grep -vE ": (mem[a-z]+|__mem[a-z]+_chk|$pure|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)\$" |
	sed 's/^/domain: /; s/$/   <- the rules are pure: facts in, verdict out/' >>"$wrong" || true

world='time|clock_gettime|gettimeofday|rand|srand|random|srandom|getrandom|getentropy|arc4random[a-z_]*|(__)?(secure_)?getenv'
world="$world|sleep|usleep|nanosleep|clock_nanosleep|randombytes_[a-z]+"
for library in "$build"/libkycd-*.a; do
	folder=$(basename "$library" .a)
	folder=${folder#libkycd-}
	undefined "$folder" | grep -E ": ($world)\$" | grep -vE '^src_base_lock\.c: clock_gettime$' |
		sed "s/^/$folder: /; s/\$/   <- the world comes in through struct world/" >>"$wrong" || true
done

cat "$wrong"
test ! -s "$wrong"
