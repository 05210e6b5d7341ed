#!/bin/sh
# A check that never bites is no check: plants one violation after the other in a small tree and wants each refused, at
# its place, and the tree without them accepted. Run by tools/check.sh.
set -eu
house=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0
tried=0

# A little house in which nothing is wrong.
fresh() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/src/base" "$tree/src/domain" "$tree/src/store" "$tree/src/text" "$tree/src/main/platform" "$tree/tests"
	cp "$house/layers.txt" "$house/.clang-tidy" "$house/.clang-format" "$tree"
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

accepted() { # check
	tried=$((tried + 1))
	if ! "$house/tools/check_$1.sh" "$tree" >"$tree/said" 2>&1; then
		echo "tests/tools/test_checks.sh: check_$1 refuses a clean tree:"
		cat "$tree/said"
		failed=$((failed + 1))
	fi
}

# check, file, what it must say; the lines to add come from stdin. The tree is fresh afterwards.
refused() {
	tried=$((tried + 1))
	mkdir -p "$(dirname "$tree/$2")"
	cat >>"$tree/$2"
	if "$house/tools/check_$1.sh" "$tree" >"$tree/said" 2>&1; then
		echo "tests/tools/test_checks.sh: check_$1 accepts what must be refused: $3"
		failed=$((failed + 1))
	elif ! grep -qE "^$2.*$3" "$tree/said"; then
		echo "tests/tools/test_checks.sh: check_$1 does not say «$2: $3», but:"
		cat "$tree/said"
		failed=$((failed + 1))
	fi
	fresh
}

fresh
for check in layers words size headers; do accepted $check; done

refused layers src/domain/otp.c ':8: domain/ may not include store/sql/' <<'C'

#include "store/sql/driver.h"
C
refused layers src/store/sql/driver.h ':1: store/sql/ may not include store/sqlite/' <<'C'
#include "store/sqlite/driver.h"
C
refused layers src/store/planted.h ':1: store/ has subfolders' <<'C'
#include "base/str.h"
C
refused layers src/base/str.c ':7: base/ may not include domain/' <<'C'
#include "domain/otp.h"
C
refused layers src/domain/otp.c ':8: "otp.h": an include starts at src/' <<'C'

#include "otp.h"
C
refused layers src/cellar/wine.c ':1: cellar/ is not in layers.txt' <<'C'
#include "base/str.h"
C
refused layers src/domain/otp.c ':7: domain/otp may not include base/lock.h' <<'C'
#include "base/lock.h"
C
refused layers src/store/sqlite/group_commit.c ':1: store/sqlite/group_commit may not include <sqlite3.h>' <<'C'
#include <sqlite3.h>
C
refused layers src/text/form.c ':1: text/form may not include <jansson.h>' <<'C'
#include <jansson.h>
C
refused layers src/store/sql/pool.c ':1: store/sql/pool may not include <pthread.h>' <<'C'
#include <pthread.h>
C
refused layers src/domain/otp.c ':7: <glib.h> is on no libc or only line' <<'C'
#include <glib.h>
C
refused layers src/domain/otp.c ':7: an include by macro' <<'C'
#include HEADER
C
echo '#include "domain/session.h"' >"$tree/src/domain/user.h"
echo '#include "domain/user.h"' >>"$tree/src/domain/otp.h"
refused layers src/domain/session.h ':1: include cycle: domain/otp -> domain/user -> domain/session -> domain/otp' <<'C'
#include "domain/otp.h"
C

sed -i 's/^text .*/text base crypto/' "$tree/layers.txt"
refused layers layers.txt ':[0-9]+: text lists crypto, which is not above it' </dev/null

for call in 'time(NULL)' 'clock_gettime(CLOCK_REALTIME, &t)' 'rand()' 'getrandom(b, 4, 0)' 'getenv("HOME")' \
	'usleep(10)' 'nanosleep(&t, 0)'; do
	refused words src/domain/otp.c ':7:.*struct world' <<C
	x = $call;
C
done
refused words src/base/lock.c ':1:.*struct world' <<'C'
clock_gettime(CLOCK_REALTIME, &t);
C
for call in 'strcpy(a, b)' 'strcat(a, b)' 'sprintf(a, "x")' 'atoi(a)' 'strtok(a, b)'; do
	refused words tests/test_a.c ':1:.*cannot know its bounds' <<C
	$call;
C
done
refused words src/domain/otp.h ':7: otp_helper' <<'C'
int otp_helper(void);
C
refused words src/domain/otp.h ':7: user_info' <<'C'
struct user_info {
	int a;
};
C
refused words src/domain/otp.h ':10: info' <<'C'
/* two
   lines */
typedef struct {
} info;
C
refused words src/domain/otp.h ':7: get_data' <<'C'
	int (*get_data)(void);
C
refused words src/domain/string_utils.c 'a name that says nothing' <<'C'
C
# In two parts, so that this file does not say the word itself.
for note in 'TO''DO' 'FIX''ME' 'HA''CK'; do
	echo "/* $note */" | refused words src/domain/otp.c ':7:.*docs/plan.md'
done

{ yes ';' || true; } 2>/dev/null | head -n 400 | refused size src/domain/otp.c ':401: longer than 400'
{
	printf 'void f(void)\n{\n'
	yes '	;' 2>/dev/null | head -n 51
	printf '}\n'
} | refused size tests/test_a.c ':2: a function of 51 lines'

refused headers src/domain/user.h ':1: #pragma once is missing' <<'C'
/* A person. */
C
refused headers src/domain/user.h ':1: a header opens' <<'C'
#pragma once
C
refused headers src/domain/user.h ':3:.*(uint8_t|unknown type)' <<'C'
/* A person. */
#pragma once
extern uint8_t user_age;
C

# What the linker sees: libraries of two floors, built as a release is.
library() { # folder, C
	printf '%s\n' "$2" >"$tree/$1.c"
	gcc -O2 -c -o "$tree/$1.o" "$tree/$1.c"
	rm -f "$tree/libkycd-$1.a"
	ar rc "$tree/libkycd-$1.a" "$tree/$1.o"
}
pure() { # refused or accepted, then what it says
	tried=$((tried + 1))
	answer=accepted
	"$house/tools/check_pure.sh" "$tree" >"$tree/said" 2>&1 || answer=refused
	if [ $answer != "$1" ] || { [ $answer = refused ] && ! grep -qE "$2" "$tree/said"; }; then
		echo "tests/tools/test_checks.sh: check_pure: $answer, but wanted $1 ($2)"
		cat "$tree/said"
		failed=$((failed + 1))
	fi
}
pure refused 'is not there'
library domain 'int str_eq(int); int otp_a(int a); int otp_b(int a) { return otp_a(a); } int otp_a(int a) { return str_eq(a); }'
library api 'int f(int a) { return a; }'
pure accepted ''
library domain '#include <stdio.h>
int otp_a(void) { return puts("x"); }'
pure refused '^domain: .*puts'
library domain 'int store_load(void); int otp_a(void) { return store_load(); }'
pure refused '^domain: .*store_load'
library domain 'int otp_a(void) { return 1; }'
library api '#include <time.h>
typedef time_t clock_f(time_t *); clock_f *const sneaky = time;'
pure refused '^api: .*time'

# The tools with a file of rules: one planted finding each.
fresh
tool() { # sentence, command…
	tried=$((tried + 1))
	sentence=$1
	shift
	if "$@" >"$tree/said" 2>&1; then
		echo "tests/tools/test_checks.sh: accepted: $sentence"
		failed=$((failed + 1))
	elif ! grep -q "$sentence" "$tree/said"; then
		echo "tests/tools/test_checks.sh: «$sentence» is not said, but:"
		cat "$tree/said"
		failed=$((failed + 1))
	fi
}
planted=$tree/src/base/planted.c
printf 'int seven(int a, int b, int c, int d, int e, int f, int g)\n{\n\treturn a + b + c + d + e + f + g;\n}\n' >"$planted"
tool readability-function-size clang-tidy --quiet "$planted" -- -std=gnu17
printf 'int Loud(int a)\n{\n\treturn a;\n}\n' >"$planted"
tool readability-identifier-naming clang-tidy --quiet "$planted" -- -std=gnu17
printf 'int f(const int *p)\n{\n\tif (!p)\n\t\treturn *p;\n\treturn 0;\n}\n' >"$planted"
tool clang-analyzer-core.NullDereference clang-tidy --quiet "$planted" -- -std=gnu17
printf 'int f(int a) {\n    return a;\n}\n' >"$planted"
tool clang-format-violations clang-format --dry-run -Werror "$planted"
printf 'int f(void)\n{\n\tint a[2] = { 0, 0 };\n\treturn a[2];\n}\n' >"$planted"
tool arrayIndexOutOfBounds cppcheck --quiet --error-exitcode=1 --suppressions-list="$house/tools/cppcheck.suppress" "$planted"

# The catalogue of words holds each text in every language.
mkdir -p "$tree/src/i18n"
cat "$house/src/i18n/messages.def" - >"$tree/src/i18n/messages.def" <<'C'
MESSAGE(PLANTED, "one", "um")
C
tool 'MESSAGE.*4 arguments' gcc -std=gnu17 -D_GNU_SOURCE -fsyntax-only -I"$tree/src" -I"$house/src" "$house/src/i18n/messages.c"
for row in '"", "um", "uno"' '"one", "", "uno"' '"one", "um", ""'; do
	echo "MESSAGE(PLANTED, $row)" | cat "$house/src/i18n/messages.def" - >"$tree/src/i18n/messages.def"
	tool 'empty text: PLANTED' gcc -std=gnu17 -D_GNU_SOURCE -fsyntax-only -I"$tree/src" -I"$house/src" "$house/src/i18n/messages.c"
done

if [ $failed -gt 0 ]; then
	echo "tests/tools/test_checks.sh: $failed of $tried planted violations were not met as they must be"
	exit 1
fi
