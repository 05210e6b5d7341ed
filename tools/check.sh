#!/bin/sh
# Runs the checks of this repository that are not tests, fast ones first. A failed check does not stop the others; each prints
# the file and line where there is one, and the last line names the checks that failed. $1: quick, slow (static analysis) or all
# (the default). Needs build/ (run make) and the packages that `tools/setup.sh test` installs.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-all}
failed=
passed=0
case $kind in
quick | slow | all) ;;
*)
	echo "usage: tools/check.sh [quick|slow|all]" >&2
	exit 2
	;;
esac

run_check() { # name, command…
	name=$1
	shift
	start=$(date +%s%N)
	if "$@"; then
		printf 'ok      %-14s %5d ms\n' "$name" $((($(date +%s%N) - start) / 1000000))
		passed=$((passed + 1))
	else
		printf 'FAILED  %s\n' "$name"
		failed="$failed $name"
	fi
}

c_files() { find src tests fuzz -name node_modules -prune -o -name '*.[ch]' -print | sort; }
shell_files() {
	find tools tests bench .ci -name node_modules -prune -o -type f -print | sort |
		while read -r file; do
			case $(head -c 40 "$file" | head -n 1 | tr -d '\0') in '#!'*/sh | '#!'*/bash | '#!'*' bash') echo "$file" ;; esac
		done
}
check_format() { c_files | xargs clang-format --dry-run -Werror; }
check_shell() { shell_files | xargs shellcheck; }
check_spelling() {
	# Leaves out what is downloaded or built, texts whose spelling is fixed, and texts in several languages.
	find . \( -name .git -o -name 'build*' -type d -o -name node_modules -o -path ./var -o -path ./fuzz/seeds \
		-o -path ./src/i18n/messages \) \
		-prune -o -type f ! -name package-lock.json ! -name LICENSE -print0 |
		xargs -0 codespell --ignore-words=tools/codespell.words
}
run_cppcheck() {
	cppcheck --quiet --error-exitcode=1 -j "$(nproc)" --std=c11 --language=c --library=posix,gnu \
		--enable=warning,style,performance,portability --inline-suppr --suppressions-list=tools/cppcheck.suppress \
		-D_GNU_SOURCE -Isrc src fuzz
}
# Configures a build folder for clang and makes its generated sources. clang-tidy reads the folder's compile_commands.json and
# reports clang's own warnings, so nothing is compiled.
configure_clang() {
	test -f build-clang/build.ninja || tools/configure.sh build-clang clang -Dwerror=true -Dtests=enabled || return 1
	ninja -C build-clang -t targets all | sed -n '/^meson-internal/d; s/: CUSTOM_COMMAND.*//p' | quietly xargs ninja -C build-clang
}
run_tidy() { configure_clang && tools/check_tidy.sh build-clang; }
quietly() {
	log=$(mktemp)
	status=0
	"$@" >"$log" 2>&1 || { status=$?; grep -vE '^(\[|ninja: Entering|clang )' "$log"; }
	rm -f "$log"
	return $status
}

if [ "$kind" != slow ]; then
	run_check layers tools/check_layers.sh
	run_check words tools/check_words.sh
	run_check size tools/check_size.sh
	run_check format check_format
	run_check spelling check_spelling
	run_check shell check_shell
	run_check pure tools/check_pure.sh build
	run_check headers tools/check_headers.sh
	run_check test_checks tests/tools/test_checks.sh
fi
if [ "$kind" != quick ]; then
	run_check cppcheck run_cppcheck
	run_check tidy run_tidy
fi

if [ -n "$failed" ]; then
	echo "make check: failed:$failed"
	exit 1
fi
echo "make check: $passed checks passed"
