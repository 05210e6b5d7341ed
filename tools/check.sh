#!/bin/sh
# The house's own rules, cheap ones first. All of them run; a failure is told with file and line where there is one, and
# the end says which rules were broken. Needs build/ (make) and what tools/setup.sh test installs.
set -eu
cd "$(dirname "$0")/.."
broken=
passed=0

check() { # name, command…
	name=$1
	shift
	start=$(date +%s%N)
	if "$@"; then
		printf 'ok      %-14s %5d ms\n' "$name" $((($(date +%s%N) - start) / 1000000))
		passed=$((passed + 1))
	else
		printf 'BROKEN  %s\n' "$name"
		broken="$broken $name"
	fi
}

c_files() { find src tests fuzz -name node_modules -prune -o -name '*.[ch]' -print | sort; }
shell_files() {
	find tools tests bench .ci -name node_modules -prune -o -type f -print | sort |
		while read -r file; do
			case $(head -c 40 "$file" | head -n 1 | tr -d '\0') in '#!'*/sh | '#!'*/bash | '#!'*' bash') echo "$file" ;; esac
		done
}
format() { c_files | xargs clang-format --dry-run -Werror; }
shells() { shell_files | xargs shellcheck; }
spelling() {
	# Contracts with others keep their spelling; what is fetched or built is not ours.
	find . \( -name .git -o -name 'build*' -type d -o -name node_modules -o -path ./var -o -path ./fuzz/seeds \) \
		-prune -o -type f ! -name package-lock.json ! -name LICENSE -print0 |
		xargs -0 codespell --ignore-words=tools/codespell.words
}
cpp() {
	cppcheck --quiet --error-exitcode=1 -j "$(nproc)" --std=c11 --language=c --library=posix,gnu \
		--enable=warning,style,performance,portability --inline-suppr --suppressions-list=tools/cppcheck.suppress \
		-D_GNU_SOURCE -Isrc src fuzz
}
# Everything once more with the other compiler, whose list of commands clang-tidy reads afterwards.
clang_build() {
	test -f build-clang/build.ninja || tools/configure.sh build-clang clang -Dwerror=true -Dtests=enabled || return 1
	quietly ninja -C build-clang
}
quietly() {
	log=$(mktemp)
	status=0
	"$@" >"$log" 2>&1 || { status=$?; grep -vE '^(\[|ninja: Entering|clang )' "$log"; }
	rm -f "$log"
	return $status
}

check layers tools/check_layers.sh
check words tools/check_words.sh
check size tools/check_size.sh
check format format
check spelling spelling
check shell shells
check headers tools/check_headers.sh
check pure tools/check_pure.sh build
check planted tests/tools/test_checks.sh
check cppcheck cpp
check clang clang_build
check tidy tools/check_tidy.sh build-clang

if [ -n "$broken" ]; then
	echo "make check: broken:$broken"
	exit 1
fi
echo "make check: all $passed rules are kept"
