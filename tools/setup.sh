#!/bin/sh
# Installs missing Debian 12 packages and, for tests, the npm packages of tests/ and clients/typescript/. $1: build (for `make`
# and `make run`, the default), test (also for `make test`), bench, cover or deb. A tool counts as installed if it is on PATH, a library if dpkg knows
# it. Root rights are needed only if something is missing.
set -eu
cd "$(dirname "$0")/.."
for_what=${1:-build}

# Entries: a package, or package:tool
build='gcc:gcc libc6-dev meson:meson ninja-build:ninja pkg-config:pkg-config python3:python3
	libjansson-dev libsqlite3-dev libcurl4-openssl-dev libpq-dev libsodium-dev libsecp256k1-dev libfido2-dev libidn2-dev libqrencode-dev zlib1g-dev node-llhttp
	ca-certificates curl:curl cmark-gfm:cmark-gfm'
test='clang:clang clang-format:clang-format clang-tidy:clang-tidy libclang-rt-14-dev cppcheck:cppcheck
	codespell:codespell shellcheck:shellcheck libcmocka-dev nodejs:node npm:npm sqlite3:sqlite3 postgresql
	pgbouncer:pgbouncer chromium:chromium python3-requests openssl:openssl systemd:systemd-analyze nginx:nginx groff-base:groff
	python3-setuptools python3-wheel golang-go:go php-cli:php ruby:ruby'
bench='wrk:wrk'
cover='gcovr:gcovr'
deb='dpkg-dev:dpkg-shlibdeps binutils:strip'

case $for_what in
build) wanted=$build ;;
test) wanted="$build $test" ;;
bench) wanted="$build $test $bench" ;;
cover) wanted="$build $test $cover" ;;
deb) wanted="$build $deb" ;;
*)
	echo "usage: tools/setup.sh [build|test|bench|cover|deb]" >&2
	exit 2
	;;
esac

installed() {
	case $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) in
	ii*) return 0 ;;
	*) return 1 ;;
	esac
}

missing=
for entry in $wanted; do
	package=${entry%%:*}
	case $entry in
	*:*) # /usr/sbin and /sbin are not on every user's PATH
		PATH="$PATH:/usr/sbin:/sbin" command -v "${entry#*:}" >/dev/null 2>&1 || missing="$missing $package"
		;;
	node-llhttp) # later versions of Debian have a library package instead
		installed node-llhttp || pkg-config --exists libllhttp 2>/dev/null || missing="$missing $package"
		;;
	*) installed "$package" || missing="$missing $package" ;;
	esac
done

if [ -n "$missing" ]; then
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "tools/setup.sh: this system has no apt-get: install these Debian packages or their equivalents:$missing" >&2
		exit 1
	fi
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null 2>&1; then
			echo "tools/setup.sh: root rights are needed: run as root: apt-get install -y --no-install-recommends$missing" >&2
			exit 1
		fi
		as_root=sudo
	fi
	echo "installing:$missing"
	log=$(mktemp)
	# shellcheck disable=SC2086 # lists of words
	if ! { $as_root apt-get -q update &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $missing; } >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$log"
		exit 1
	fi
	rm -f "$log"
fi

if [ "$for_what" = test ]; then
	if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 18 ]; then
		echo "tools/setup.sh: node $(node --version) is too old: install version 18 or later" >&2
		exit 1
	fi
	# npm writes .package-lock.json last, so an interrupted installation is repeated.
	for folder in tests clients/typescript; do
		if [ -f "$folder/package-lock.json" ] &&
			[ -z "$(find "$folder/node_modules/.package-lock.json" -newer "$folder/package-lock.json" 2>/dev/null)" ]; then
			(cd "$folder" && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json)
		fi
	done
fi
