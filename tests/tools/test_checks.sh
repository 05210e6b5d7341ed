#!/bin/sh
# Tests the checks in tools/: adds violations one by one to a small example repository and requires that each is reported with
# its file and line, and that the repository without violations passes. Run by tools/check.sh.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0
tried=0

# Creates the example repository without violations.
reset_tree() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/src/base" "$tree/src/domain" "$tree/src/store" "$tree/src/text" "$tree/src/main/platform" "$tree/tests"
	cp "$root/layers.txt" "$root/.clang-tidy" "$root/.clang-format" "$tree"
	cat >"$tree/src/base/str.h" <<-'C'
		/* Slices. */
		#pragma once

		#include <stddef.h>

		struct str {
			const char *p;
			size_t n;
		};

		size_t str_length(struct str s);
	C
	cat >"$tree/src/base/str.c" <<-'C'
		#include "base/str.h"

		size_t str_length(struct str s)
		{
			return s.n; /* not strcpy(, not time(NULL) */
		}
	C
	cat >"$tree/src/domain/otp.h" <<-'C'
		/* Codes. */
		#pragma once

		#include "base/str.h"

		size_t otp_length(struct str s);
	C
	cat >"$tree/src/domain/otp.c" <<-'C'
		#include "domain/otp.h"

		size_t otp_length(struct str s)
		{
			return str_length(s) + sizeof("strcat(a, b); sleep(1); it's \"getenv(");
		}
	C
	cat >"$tree/src/main/platform/system_clock.c" <<-'C'
		#include <time.h>

		#include "base/str.h"

		long system_now(void);
		long system_now(void)
		{
			return time(NULL);
		}
	C
	cat >"$tree/src/text/json.c" <<-'C'
		#include <jansson.h>

		#include "base/str.h"
	C
}

expect_pass() { # check
	tried=$((tried + 1))
	if ! "$root/tools/check_$1.sh" "$tree" >"$tree/output" 2>&1; then
		echo "tests/tools/test_checks.sh: check_$1 fails on a repository without violations:"
		cat "$tree/output"
		failed=$((failed + 1))
	fi
}

# Adds the lines of stdin to a file and expects the check to fail with a message for that file; then resets the repository.
expect_failure() { # check, file, pattern for the rest of the message
	tried=$((tried + 1))
	mkdir -p "$(dirname "$tree/$2")"
	cat >>"$tree/$2"
	if "$root/tools/check_$1.sh" "$tree" >"$tree/output" 2>&1; then
		echo "tests/tools/test_checks.sh: check_$1 does not detect a violation in $2, expected: $3"
		failed=$((failed + 1))
	elif ! grep -qE "^$2.*$3" "$tree/output"; then
		echo "tests/tools/test_checks.sh: check_$1 prints a wrong message, expected: $2$3; printed:"
		cat "$tree/output"
		failed=$((failed + 1))
	fi
	reset_tree
}

reset_tree
for check in layers words size headers; do expect_pass $check; done

expect_failure layers src/domain/otp.c ':8: domain/ may not include store/sql/' <<'C'

#include "store/sql/driver.h"
C
expect_failure layers src/store/sql/driver.h ':1: store/sql/ may not include store/sqlite/' <<'C'
#include "store/sqlite/driver.h"
C
expect_failure layers src/store/misplaced.h ':1: store/ has subfolders' <<'C'
#include "base/str.h"
C
expect_failure layers src/base/str.c ':7: base/ may not include domain/' <<'C'
#include "domain/otp.h"
C
expect_failure layers src/domain/otp.c ':8: "otp.h": the path must be relative to src/' <<'C'

#include "otp.h"
C
expect_failure layers src/cellar/wine.c ':1: cellar/ is not in layers.txt' <<'C'
#include "base/str.h"
C
expect_failure layers src/domain/otp.c ':7: domain/otp may not include base/lock.h' <<'C'
#include "base/lock.h"
C
expect_failure layers src/store/sqlite/group_commit.c ':1: store/sqlite/group_commit may not include <sqlite3.h>' <<'C'
#include <sqlite3.h>
C
expect_failure layers src/text/form.c ':1: text/form may not include <jansson.h>' <<'C'
#include <jansson.h>
C
expect_failure layers src/store/sql/pool.c ':1: store/sql/pool may not include <pthread.h>' <<'C'
#include <pthread.h>
C
expect_failure layers src/domain/otp.c ':7: <glib.h> is not in layers.txt' <<'C'
#include <glib.h>
C
expect_failure layers src/domain/otp.c ':7: #include with a macro' <<'C'
#include HEADER
C
echo '#include "domain/session.h"' >"$tree/src/domain/user.h"
echo '#include "domain/user.h"' >>"$tree/src/domain/otp.h"
expect_failure layers src/domain/session.h ':1: include cycle: domain/otp -> domain/user -> domain/session -> domain/otp' <<'C'
#include "domain/otp.h"
C

sed -i 's/^text .*/text base crypto/' "$tree/layers.txt"
expect_failure layers layers.txt ':[0-9]+: the row of text lists crypto, which has no earlier row' </dev/null

for call in 'time(NULL)' 'clock_gettime(CLOCK_REALTIME, &t)' 'rand()' 'getrandom(b, 4, 0)' 'getenv("HOME")' \
	'usleep(10)' 'nanosleep(&t, 0)'; do
	expect_failure words src/domain/otp.c ':7:.*use struct world' <<C
	x = $call;
C
done
expect_failure words src/base/lock.c ':1:.*use struct world' <<'C'
clock_gettime(CLOCK_REALTIME, &t);
C
for call in 'strcpy(a, b)' 'strcat(a, b)' 'sprintf(a, "x")' 'atoi(a)' 'strtok(a, b)'; do
	expect_failure words tests/test_a.c ':1:.*cannot check bounds' <<C
	$call;
C
done
expect_failure words src/domain/otp.h ':7: otp_helper' <<'C'
int otp_helper(void);
C
expect_failure words src/domain/otp.h ':7: user_info' <<'C'
struct user_info {
	int a;
};
C
expect_failure words src/domain/otp.h ':10: info' <<'C'
/* two
   lines */
typedef struct {
} info;
C
expect_failure words src/domain/otp.h ':7: get_data' <<'C'
	int (*get_data)(void);
C
expect_failure words src/domain/string_utils.c 'this file name contains a word without meaning' <<'C'
C
# Retired words. Written in two parts, as below, so that this script does not contain the words itself.
echo 'The Fore''sight of a transaction.' | expect_failure words docs/limits.md ':1:.*retired word "fore''sight": use prefetch'
echo 'struct otp_de''ed;' | expect_failure words src/domain/otp.h ':7:.*retired word "de''ed": use audit entry'
echo '/* an er''rand */' | expect_failure words tests/e2e/a.test.mjs ':1:.*retired word "er''rand"'
expect_failure words src/domain/she''lf.c 'retired word "she''lf"' </dev/null
expect_failure words src/domain/otp.c ':7:.*retired word "note": use pending_session' <<'C'
int note = 1;
C
expect_failure words src/domain/otp.c ':7:.*retired word "head": use primary' <<'C'
static char head[4];
C
expect_failure words src/domain/otp.c ':7:.*retired word "note_stands": use pending_session_' <<'C'
bool note_stands(void);
C
expect_failure words src/domain/note.h 'retired word "note"' </dev/null
# Everyday words that are retired only as names, and names that only contain one.
printf '/* Note the order, and the reading of a head. */\nint reply_head = sizeof("order");\n' >"$tree/src/domain/text.c"
expect_pass words
reset_tree
# Written in two parts, so that this script does not contain the words itself.
for marker in 'TO''DO' 'FIX''ME' 'HA''CK'; do
	echo "/* $marker */" | expect_failure words src/domain/otp.c ':7:.*docs/plan.md'
done

{ yes ';' || true; } 2>/dev/null | head -n 400 | expect_failure size src/domain/otp.c ':401: the file is longer than 400 lines'
{
	printf 'void f(void)\n{\n'
	yes '	;' 2>/dev/null | head -n 51
	printf '}\n'
} | expect_failure size tests/test_a.c ':2: the function has 51 lines'

expect_failure headers src/domain/user.h ':1: #pragma once is missing' <<'C'
/* A person. */
C
expect_failure headers src/domain/user.h ':1: the comment about the module' <<'C'
#pragma once
C
expect_failure headers src/domain/user.h ':3:.*(uint8_t|unknown type)' <<'C'
/* A person. */
#pragma once
extern uint8_t user_age;
C

# check_pure examines libraries: these are built like a release.
build_library() { # folder of src/, C source
	printf '%s\n' "$2" >"$tree/$1.c"
	gcc -O2 -c -o "$tree/$1.o" "$tree/$1.c"
	rm -f "$tree/libkycd-$1.a"
	ar rc "$tree/libkycd-$1.a" "$tree/$1.o"
}
expect_pure() { # fails or passes, pattern for the message
	tried=$((tried + 1))
	result=passes
	"$root/tools/check_pure.sh" "$tree" >"$tree/output" 2>&1 || result=fails
	if [ $result != "$1" ] || { [ $result = fails ] && ! grep -qE "$2" "$tree/output"; }; then
		echo "tests/tools/test_checks.sh: check_pure $result, expected: $1 with the message $2; printed:"
		cat "$tree/output"
		failed=$((failed + 1))
	fi
}
expect_pure fails 'not found: build it'
build_library domain 'int str_eq(int); int otp_a(int a); int otp_b(int a) { return otp_a(a); } int otp_a(int a) { return str_eq(a); }'
build_library api 'int f(int a) { return a; }'
expect_pure passes ''
build_library domain '#include <stdio.h>
int otp_a(void) { return puts("x"); }'
expect_pure fails '^domain: .*puts'
build_library domain 'int store_load(void); int otp_a(void) { return store_load(); }'
expect_pure fails '^domain: .*store_load'
build_library domain 'int otp_a(void) { return 1; }'
build_library api '#include <time.h>
typedef time_t clock_f(time_t *); clock_f *const indirect = time;'
expect_pure fails '^api: .*time'

# Tools that read a configuration file of this repository: one violation each.
reset_tree
expect_finding() { # text of the message, command…
	tried=$((tried + 1))
	message=$1
	shift
	if "$@" >"$tree/output" 2>&1; then
		echo "tests/tools/test_checks.sh: $1 does not report: $message"
		failed=$((failed + 1))
	elif ! grep -q "$message" "$tree/output"; then
		echo "tests/tools/test_checks.sh: $1 prints a wrong message, expected: $message; printed:"
		cat "$tree/output"
		failed=$((failed + 1))
	fi
}
example=$tree/src/base/example.c
printf 'int seven(int a, int b, int c, int d, int e, int f, int g)\n{\n\treturn a + b + c + d + e + f + g;\n}\n' >"$example"
expect_finding readability-function-size clang-tidy --quiet "$example" -- -std=gnu17
printf 'int Loud(int a)\n{\n\treturn a;\n}\n' >"$example"
expect_finding readability-identifier-naming clang-tidy --quiet "$example" -- -std=gnu17
printf 'int f(const int *p)\n{\n\tif (!p)\n\t\treturn *p;\n\treturn 0;\n}\n' >"$example"
expect_finding clang-analyzer-core.NullDereference clang-tidy --quiet "$example" -- -std=gnu17
printf 'int f(int a) {\n    return a;\n}\n' >"$example"
expect_finding clang-format-violations clang-format --dry-run -Werror "$example"
printf 'int f(void)\n{\n\tint a[2] = { 0, 0 };\n\treturn a[2];\n}\n' >"$example"
expect_finding arrayIndexOutOfBounds cppcheck --quiet --error-exitcode=1 --suppressions-list="$root/tools/cppcheck.suppress" "$example"

# The message catalogue must contain each text in every language.
mkdir -p "$tree/src/i18n"
cat "$root/src/i18n/messages.def" - >"$tree/src/i18n/messages.def" <<'C'
MESSAGE(EXAMPLE, "one", "um", "uno", "un", "eins")
C
expect_finding 'MESSAGE.*7 arguments' gcc -std=gnu17 -D_GNU_SOURCE -fsyntax-only -I"$tree/src" -I"$root/src" "$root/src/i18n/messages.c"
for empty in one um uno un eins wahid; do
	row=$(echo '"one", "um", "uno", "un", "eins", "wahid"' | sed "s/\"$empty\"/\"\"/")
	echo "MESSAGE(EXAMPLE, $row)" | cat "$root/src/i18n/messages.def" - >"$tree/src/i18n/messages.def"
	expect_finding 'empty text: EXAMPLE' gcc -std=gnu17 -D_GNU_SOURCE -fsyntax-only -I"$tree/src" -I"$root/src" "$root/src/i18n/messages.c"
done

if [ $failed -gt 0 ]; then
	echo "tests/tools/test_checks.sh: $failed of $tried tests failed"
	exit 1
fi
