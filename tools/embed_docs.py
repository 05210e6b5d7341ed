#!/usr/bin/env python3
"""Writes pages of docs/ as a C table (src/api/describe/documents.h): as Markdown, and as HTML that `cmark-gfm` makes of it.
Usage: embed_docs.py CMARK_GFM OUTPUT.c PAGE.md..."""
import html
import json
import os
import re
import subprocess
import sys
import textwrap


def c_array(name, text):
    # An array of numbers, because ISO C guarantees only string literals of up to 4,095 characters.
    numbers = textwrap.fill(", ".join(str(byte) for byte in text.encode() + b"\0"), 100)
    return f"static const unsigned char {name}[] = {{\n{numbers}\n}};\n"


def title_and_summary(path, text):
    """The heading, and the first sentence below it without its Markdown."""
    found = re.match(r"# (.+)\n\n((?:.+\n)+)", text)
    if not found:
        sys.exit(f"{path}: a page must begin with a heading and a paragraph")
    paragraph = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", found[2].replace("\n", " ").strip())
    return found[1], re.match(r".*?[.:](?= |$)", paragraph)[0].replace("*", "").rstrip(".:") + "."


def plain(markup):
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


class Headings:
    """Gives each heading the id that GitHub gives it, so that the links in the pages work in both places."""

    def __init__(self):
        self.used, self.contents = {}, []

    def add(self, found):
        level, markup = found[1], found[2]
        slug = re.sub(r"[^\w\- ]", "", plain(markup).lower()).replace(" ", "-")
        count = self.used[slug] = self.used.get(slug, -1) + 1
        slug += f"-{count}" if count else ""
        if level == "2":
            self.contents.append((slug, html.escape(plain(markup))))
        return f'<h{level} id="{html.escape(slug)}">{markup}</h{level}>'


def with_links(markup, names):
    """Links to pages that are served lead there. Of links to other files of the repository, only the text stays."""
    def link(found):
        target, text = html.unescape(found[1]), found[2]
        if re.match(r"(https?|mailto):|#", target):
            return found[0]
        page, _, anchor = target.partition("#")
        if page in names:
            return f'<a href="/docs/{page[:-len(".md")]}{"#" + anchor if anchor else ""}">{text}</a>'
        return text
    return re.sub(r'<a href="([^"]*)">(.*?)</a>', link, markup, flags=re.S)


def page_html(cmark, text, names):
    # Without --unsafe, cmark-gfm leaves out raw HTML and links with dangerous schemes.
    made = subprocess.run([cmark, "--extension", "table", "--extension", "strikethrough", "--extension", "autolink"],
                          input=text, capture_output=True, check=True, encoding="utf-8").stdout
    made = made.replace("<!-- raw HTML omitted -->\n", "").replace("<!-- raw HTML omitted -->", "")
    made = re.sub(r"<h1>.*?</h1>\n", "", made, count=1)  # the page shows the title itself
    headings = Headings()
    made = re.sub(r"<h([1-6])>(.*?)</h\1>", headings.add, made, flags=re.S)
    made = with_links(made, names)
    # A wide table scrolls inside its own element, which the keyboard must reach.
    made = made.replace("<table>", '<div class="table" role="group" aria-label="Table" tabindex="0">\n<table>')
    made = made.replace("</table>", "</table>\n</div>")
    contents = "".join(f'<li><a href="#{html.escape(slug)}">{text}</a></li>\n' for slug, text in headings.contents)
    return made, contents


def main():
    cmark, output, inputs = sys.argv[1], sys.argv[2], sys.argv[3:]
    arrays, rows = [], []
    names = [os.path.basename(path) for path in inputs]
    for number, path in enumerate(inputs):
        with open(path, encoding="utf-8") as page:
            text = page.read()
        title, summary = title_and_summary(path, text)
        markup, contents = page_html(cmark, text, names)
        parts = {"page": text, "html": markup, "contents": contents}
        arrays += [c_array(f"{name}_{number}", part) for name, part in parts.items()]
        texts = ", ".join(json.dumps(each) for each in (names[number], title, summary))
        slices = ", ".join(f"{{ (const char *){name}_{number}, sizeof({name}_{number}) - 1 }}" for name in parts)
        rows.append(f"\t{{ {texts}, {slices} }},\n")
    with open(output, "w", encoding="utf-8") as out:
        out.write('#include "api/describe/documents.h"\n\n' + "".join(arrays))
        out.write("\nconst struct document documents[] = {\n" + "".join(rows) + "};\n")
        out.write("const size_t n_documents = sizeof(documents) / sizeof(documents[0]);\n")


main()
