#!/bin/sh
# Finds forbidden words: system functions for time, randomness and the environment outside src/main; functions that cannot
# check bounds or errors; names without meaning; the retired words of tools/vocabulary.txt; markers of unfinished work. Prints
# file:line: the code <- message. $1: the repository to check (default: this one).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/..}"
code=$(mktemp)
wrong=$(mktemp)
trap 'rm -f "$code" "$wrong"' EXIT

# Lists the files of the repository, without those that are built or downloaded.
our_files() {
	find . \( -name .git -o -name 'build*' -type d -o -name node_modules -o -path ./var \) -prune -o \
		-type f ! -name package-lock.json "$@" -print | sed 's|^\./||' | sort
}
report() { sed "s|\$|   <- $1|" >>"$wrong"; }

our_files \( -path './src/*' -o -path './tests/*' -o -path './fuzz/*' -o -path './bench/*' \) \
	\( -name '*.[ch]' -o -name '*.def' \) | xargs awk -f "$here/code_only.awk" >"$code"

# Matches calls of these functions, not members (clock->time) and not parts of longer names.
system='time|clock_gettime|gettimeofday|rand|srand|random|srandom|getrandom|getentropy|getenv|secure_getenv|sleep|usleep'
system="$system|nanosleep|clock_nanosleep"
grep -E '^src/' "$code" | grep -vE '^src/main/' |
	grep -E "(^|[^A-Za-z0-9_.>])($system) *\(" |
	grep -vE '^src/base/lock\.c:.*clock_gettime *\( *CLOCK_MONOTONIC' |
	report 'only src/main may call this system function: use struct world'

unbounded='strcpy|stpcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|alloca'
grep -E "(^|[^A-Za-z0-9_.>])($unbounded) *\(" "$code" | report 'this function cannot check bounds or errors: use another one'

vague='util|utils|helper|helpers|manager|common|misc|data|info'
awk -f "$here/names.awk" "$here/words.allow" "$code" | grep -iE "[ _]($vague)(_|\$)" |
	report 'this name contains a word without meaning: name the thing, or add the name with a reason to tools/words.allow'
our_files | grep -iE "(^|[/_.-])($vague)([/_.-]|\$)" | report 'this file name contains a word without meaning: name the thing'

# Retired words, each with its replacement. The changelog and the released migrations contain the old names.
vocabulary_files() {
	our_files -size -1024k | grep -vE '^(CHANGELOG\.md|LICENSE|tools/vocabulary\.txt|sql/00(0[1-9]|1[0-2])_.*|tests/fixtures/schema_11_.*)$'
}
vocabulary_files | grep -v '^fuzz/seeds/' | sed 's/^.*$/&:&/' >"$code.files"
everywhere=$(awk -F '\t' '$1 == "everywhere" { printf "%s%s", n++ ? "|" : "", $2 }' "$here/vocabulary.txt")
vocabulary_files | xargs -d '\n' grep -HnIiE "(^|[^A-Za-z])($everywhere)([^A-Za-z]|\$)" >"$code.text" || true
awk -f "$here/vocabulary.awk" "$here/vocabulary.txt" scope=everywhere "$code.text" scope=everywhere "$code.files" \
	scope=name "$code.files" "$code" >>"$wrong"
rm -f "$code.files" "$code.text"

# Written in parts so that this script does not find itself.
markers="TO""DO|FIX""ME|X""XX|HA""CK"
our_files -size -1024k | xargs -d '\n' grep -nwIE "$markers" | report 'unfinished work: finish it, or describe it in docs/plan.md'

cat "$wrong"
test ! -s "$wrong"
