#!/usr/bin/env python3
"""Writes the schema migrations sql/NNNN_name.sql as a C table. Usage: embed.py OUTPUT.c MIGRATION.sql..."""
import os
import re
import sys
import textwrap


def c_array(number, text):
    # An array of numbers, because ISO C guarantees only string literals of up to 4,095 characters.
    numbers = textwrap.fill(", ".join(str(byte) for byte in text.encode("ascii") + b"\0"), 100)
    return f"static const char migration_{number}[] = {{\n{numbers}\n}};\n"


def main():
    output, inputs = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
    arrays, rows = [], []
    for number, path in enumerate(inputs, start=1):
        name = os.path.basename(path)
        if not re.fullmatch(r"%04d_[a-z0-9_]+\.sql" % number, name):
            sys.exit(f"{path}: the migrations must be numbered without gaps: this file's name must begin with {number:04d}_")
        with open(path, encoding="ascii") as migration:
            arrays.append(c_array(number, migration.read()))
        rows.append(f'\t{{ {number}, "{name}", migration_{number} }},\n')
    with open(output, "w", encoding="ascii") as out:
        out.write('#include "store/sql/schema_migrations.h"\n\n' + "".join(arrays))
        out.write("\nstatic const struct migration list[] = {\n" + "".join(rows) + "};\n\n")
        out.write("const struct migrations schema_migrations = { list, sizeof(list) / sizeof(list[0]) };\n")


main()
