#!/bin/sh
# Builds the packages of the client libraries into build-clients/ and runs the tests of the libraries, which need no server.
# tests/e2e/clients.test.mjs tests the packages with the program. Needs what `tools/setup.sh test` installs.
set -eu
cd "$(dirname "$0")/.."
# Debian's Python has Debian's setuptools; another one on PATH may have none.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
out=$PWD/build-clients
if [ ! -d clients/typescript/node_modules ]; then
	echo "tools/clients.sh: clients/typescript/node_modules is missing: run \"tools/setup.sh test\"" >&2
	exit 1
fi
rm -rf "$out"
mkdir -p "$out/typescript" "$out/python"

build_typescript() {
	cp -r clients/typescript/package.json clients/typescript/README.md LICENSE "$out/typescript"
	clients/typescript/node_modules/.bin/tsc -p clients/typescript
	(cd "$out/typescript" && npm pack --silent --pack-destination "$out" >/dev/null)
}
# setuptools writes beside its sources, so it gets a copy of them.
build_python() {
	cp -r clients/python/pyproject.toml clients/python/README.md clients/python/src LICENSE "$out/python"
	find "$out/python" -name __pycache__ -prune -exec rm -rf {} +
	(cd "$out/python" && "$python" -c 'from setuptools import build_meta; import sys; build_meta.build_wheel(sys.argv[1])' "$out") \
		>"$out/python.log" 2>&1 || { cat "$out/python.log" >&2; return 1; }
}

build_typescript
build_python
status=0
# Both mostly wait, so they run at the same time.
timeout 60 node --test clients/typescript/test/*.test.mjs >"$out/typescript.log" 2>&1 &
typescript=$!
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=clients/python/src timeout 60 "$python" -W error -m unittest discover -s clients/python/tests \
	>"$out/python.log" 2>&1 || { cat "$out/python.log"; status=1; }
wait $typescript || { cat "$out/typescript.log"; status=1; }
echo "make clients: $(cd "$out" && echo *.tgz *.whl) in build-clients/, $(
	sed -nE 's/^[^a-zA-Z]*(tests|Ran) ([0-9]+).*/\2/p' "$out/typescript.log" "$out/python.log" | tr '\n' '+' | sed 's/+$//'
) tests $([ $status -eq 0 ] && echo passed || echo failed)"
exit $status
