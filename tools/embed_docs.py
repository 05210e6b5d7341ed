#!/usr/bin/env python3
"""Writes pages of docs/ as a C table (src/api/describe/documents.h). Usage: embed_docs.py OUTPUT.c PAGE.md..."""
import json
import os
import re
import sys
import textwrap


def c_array(number, text):
    # An array of numbers, because ISO C guarantees only string literals of up to 4,095 characters.
    numbers = textwrap.fill(", ".join(str(byte) for byte in text.encode() + b"\0"), 100)
    return f"static const unsigned char page_{number}[] = {{\n{numbers}\n}};\n"


def title_and_summary(path, text):
    """The heading, and the first sentence below it without its Markdown."""
    found = re.match(r"# (.+)\n\n((?:.+\n)+)", text)
    if not found:
        sys.exit(f"{path}: a page must begin with a heading and a paragraph")
    paragraph = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", found[2].replace("\n", " ").strip())
    return found[1], re.match(r".*?[.:](?= |$)", paragraph)[0].replace("*", "").rstrip(".:") + "."


def main():
    output, inputs = sys.argv[1], sys.argv[2:]
    arrays, rows = [], []
    for number, path in enumerate(inputs):
        with open(path, encoding="utf-8") as page:
            text = page.read()
        title, summary = title_and_summary(path, text)
        arrays.append(c_array(number, text))
        name, title, summary = (json.dumps(each) for each in (os.path.basename(path), title, summary))
        rows.append(f"\t{{ {name}, {title}, {summary}, page_{number}, sizeof(page_{number}) - 1 }},\n")
    with open(output, "w", encoding="utf-8") as out:
        out.write('#include "api/describe/documents.h"\n\n' + "".join(arrays))
        out.write("\nconst struct document documents[] = {\n" + "".join(rows) + "};\n")
        out.write("const size_t n_documents = sizeof(documents) / sizeof(documents[0]);\n")


main()
