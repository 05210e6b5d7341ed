#!/usr/bin/env python3
"""Prints the software bill of materials of the program as CycloneDX 1.5 JSON: the Debian packages of the libraries that it links, and
llhttp, which it contains. The same input gives the same output. Arguments: the program, its version. Packages, versions and licences
come from dpkg; the time is $SOURCE_DATE_EPOCH."""
import json
import os
import re
import subprocess
import sys
import time
import uuid

# Names of licences in Debian's copyright files that differ from their SPDX identifiers.
SPDX = {"Expat": "MIT", "expat": "MIT", "BSD-3-clause": "BSD-3-Clause", "BSD-2-clause": "BSD-2-Clause", "LGPL-3+": "LGPL-3.0-or-later",
        "GPL-2+": "GPL-2.0-or-later", "GPL-3+": "GPL-3.0-or-later", "BSD-3-Clause": "BSD-3-Clause", "MIT": "MIT", "Apache-2.0": "Apache-2.0", "LGPL-2.1+": "LGPL-2.1-or-later", "PostgreSQL": "PostgreSQL",
        "curl": "curl", "ISC": "ISC", "public-domain": None}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def linked_libraries(program):
    """Returns the names of the libraries that the program itself names, without those that they need in turn."""
    names = re.findall(r"\(NEEDED\).*\[([^\]]+)\]", output("readelf", "-d", program))
    return [name for name in names if not name.startswith("ld-linux")]  # the loader belongs to libc6


def library_path(program, name):
    found = re.search(rf"^\s*{re.escape(name)} => (\S+)", output("ldd", program), re.M)
    if not found:
        sys.exit(f"tools/sbom.py: {name} is not installed")
    return os.path.realpath(found.group(1))


def package_of(path):
    # On systems whose /lib is a link to /usr/lib, dpkg may know the file under either name.
    for candidate in (path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg", "-S", candidate], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    sys.exit(f"tools/sbom.py: {path} belongs to no Debian package")


def licences(package):
    """Returns the licences of the machine-readable copyright file of a package; empty if it has another form."""
    try:
        text = open(f"/usr/share/doc/{package}/copyright", encoding="utf-8", errors="replace").read()
    except FileNotFoundError:
        return []
    names = sorted(set(re.findall(r"^License:[ \t]*(\S.*)$", text, re.M)))
    known = {name: SPDX.get(name) for name in names}
    return ([{"license": {"id": name}} for name in sorted({name for name in known.values() if name})] +
            [{"license": {"name": name}} for name, identifier in known.items() if not identifier])


def component(package):
    fields = output("dpkg-query", "-W", "-f", "${Version} ${Architecture} ${source:Package}", package).split()
    version, architecture = fields[0], fields[1]
    reference = f"pkg:deb/debian/{package}@{version.replace('+', '%2B').replace(':', '%3A').replace('~', '~')}?arch={architecture}"
    found = {"type": "library", "bom-ref": reference, "name": package, "version": version, "purl": reference}
    listed = licences(package)
    return {**found, "licenses": listed} if listed else found


def main():
    program, version = sys.argv[1], sys.argv[2]
    packages = {package_of(library_path(program, name)) for name in linked_libraries(program)}
    if "llhttp" not in "".join(linked_libraries(program)):
        packages.add("node-llhttp")
    components = [component(package) for package in sorted(packages)]
    own = f"pkg:generic/kycd@{version}"
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": "",
        "version": 1,
        "metadata": {
            "timestamp": stamp,
            "component": {"type": "application", "bom-ref": own, "name": "kycd", "version": version, "purl": own,
                          "licenses": [{"license": {"id": "Apache-2.0"}}]},
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [part["bom-ref"] for part in components]}],
    }
    # Derived from the content, so that equal documents have equal numbers.
    document["serialNumber"] = "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document, sort_keys=True)))
    print(json.dumps(document, indent="\t"))


main()
