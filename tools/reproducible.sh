#!/bin/sh
# Builds the last commit twice, in folders with different names, and compares the programs and the Debian packages byte by byte.
set -eu
cd "$(dirname "$0")/.."
source=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in first a-folder-with-a-longer-name; do
	git clone -q "$source" "$work/$name"
	(cd "$work/$name" && CCACHE_DISABLE=1 make all >/dev/null && tools/build_deb.sh >/dev/null)
done
for file in build/kycd "$(cd "$work/first" && ls build-deb/*.deb)"; do
	cmp "$work/first/$file" "$work/a-folder-with-a-longer-name/$file"
	sha256sum "$work/first/$file" | sed "s|$work/first/||"
done
echo 'kycd: both builds are equal'
