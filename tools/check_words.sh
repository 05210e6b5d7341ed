#!/bin/sh
# Words that are refused: the clock, luck and the environment outside src/main; calls that cannot know their bounds;
# names that say nothing; notes that were meant to go. Prints file:line: what is wrong. $1: the tree to check.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/..}"
code=$(mktemp)
wrong=$(mktemp)
trap 'rm -f "$code" "$wrong"' EXIT

# Everything of ours that is text, one name a line. What is built or fetched is not ours.
ours() {
	find . \( -name .git -o -name 'build*' -type d -o -name node_modules -o -path ./var \) -prune -o \
		-type f ! -name package-lock.json "$@" -print | sed 's|^\./||' | sort
}
refuse() { sed "s|\$|   <- $1|" >>"$wrong"; }

ours \( -path './src/*' -o -path './tests/*' -o -path './fuzz/*' -o -path './bench/*' \) \
	\( -name '*.[ch]' -o -name '*.def' \) | xargs awk -f "$here/code_only.awk" >"$code"

# As a call, but neither a member (clock->time) nor a part of a longer name.
world='time|clock_gettime|gettimeofday|rand|srand|random|srandom|getrandom|getentropy|getenv|secure_getenv|sleep|usleep'
world="$world|nanosleep|clock_nanosleep"
grep -E '^src/' "$code" | grep -vE '^src/main/' |
	grep -E "(^|[^A-Za-z0-9_.>])($world) *\(" |
	grep -vE '^src/base/lock\.c:.*clock_gettime *\( *CLOCK_MONOTONIC' |
	refuse 'the world comes in through struct world; only src/main may ask the system'

unbounded='strcpy|stpcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|alloca'
grep -E "(^|[^A-Za-z0-9_.>])($unbounded) *\(" "$code" | refuse 'this call cannot know its bounds or its errors'

nothing='util|utils|helper|helpers|manager|common|misc|data|info'
awk -f "$here/names.awk" "$here/words.allow" "$code" | grep -iE "[ _]($nothing)(_|\$)" |
	refuse 'a word that says nothing: name the thing (or tools/words.allow, with a reason)'
ours | grep -iE "(^|[/_.-])($nothing)([/_.-]|\$)" | refuse 'a name that says nothing: name the thing'

# Put together here so that this file does not find itself.
notes="TO""DO|FIX""ME|X""XX|HA""CK"
ours -size -1024k | xargs -d '\n' grep -nwIE "$notes" | refuse 'do it now, or write it into docs/plan.md'

cat "$wrong"
test ! -s "$wrong"
