#!/usr/bin/env python3
"""Writes the schema steps sql/NNNN_name.sql as a C table: embed.py OUTPUT.c STEP.sql..."""
import os
import re
import sys
import textwrap


def array(number, text):
    # As numbers: ISO C promises string literals of 4,095 characters only.
    numbers = textwrap.fill(", ".join(str(byte) for byte in text.encode("ascii") + b"\0"), 100)
    return f"static const char step_{number}[] = {{\n{numbers}\n}};\n"


def main():
    output, inputs = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
    arrays, rows = [], []
    for number, path in enumerate(inputs, start=1):
        name = os.path.basename(path)
        if not re.fullmatch(r"%04d_[a-z0-9_]+\.sql" % number, name):
            sys.exit(f"{path}: the steps are numbered without a gap, so this one begins with {number:04d}_")
        with open(path, encoding="ascii") as step:
            arrays.append(array(number, step.read()))
        rows.append(f'\t{{ {number}, "{name}", step_{number} }},\n')
    with open(output, "w", encoding="ascii") as out:
        out.write('#include "store/steps.h"\n\n' + "".join(arrays))
        out.write("\nstatic const struct step list[] = {\n" + "".join(rows) + "};\n\n")
        out.write("const struct steps schema_steps = { list, sizeof(list) / sizeof(list[0]) };\n")


main()
