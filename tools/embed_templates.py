#!/usr/bin/env python3
"""Compiles src/web/ into C tables: templates (src/html/templates.h), style sheet and scripts (src/html/asset.h).
Usage: embed_templates.py OUTPUT.c DEPFILE SRC_WEB

DEPFILE lists the files and folders that were read, so that a new or changed file causes a new build.

The syntax of a template:

  {{name}}                       the value `name`, escaped
  {{@KEY}}                       the message MESSAGE_KEY; its {placeholders} are values
  {{#if name}}…{{else}}…{{/if}}   the first part if the value is not empty; {{else}} is optional
  {{#each name}}…{{/each}}        the part once for each item of a list, whose values are found first
  {{> frame/top}}                the file frame/top.html at this place
  {{! text }}                    a comment

Names consist of lower-case letters and `_`. Attribute values are in double quotes. A value may stand in text or in the value
of an attribute, but not in a script, a comment, the name of an element or attribute, or in an attribute `on…`. In a style, only
a colour may stand. White space at the start and end of a line, empty lines, and lines with nothing but blocks are removed, except in <pre>
and <textarea>. Files are ASCII; other characters are written as references such as &ndash;.

A file in frame/, or whose name begins with `_`, is a part that pages include; every other file is a page.
"""
import hashlib
import json
import os
import re
import sys
import textwrap

TAG = re.compile(r"\{\{(.*?)\}\}", re.S)
NAME = re.compile(r"[a-z][a-z_]*\Z")
KEY = re.compile(r"@([A-Z][A-Z0-9_]*)\Z")
URL_ATTRIBUTES = {"href", "src", "action", "formaction"}
LITERAL_MAX = 4000  # ISO C guarantees string literals of up to 4,095 characters
BLOCK_LINE = re.compile(r"\s*(\{\{(#(if|each) [a-z_]+|else|/if|/each|> [a-z0-9_/-]+|!.*?)\}\}\s*)+\Z")


class Failure(Exception):
    pass


def read(path):
    with open(path, encoding="ascii") as file:
        try:
            return file.read()
        except UnicodeDecodeError:
            raise Failure("only ASCII characters are permitted: write other characters as references, such as &ndash;") from None


def with_includes(root, name, stack=()):
    """The text of a template with its includes inlined."""
    path = os.path.join(root, name + ".html")
    if name in stack:
        raise Failure("includes itself: " + " -> ".join((*stack, name)))
    if not os.path.isfile(path):
        raise Failure(f"{{{{> {name}}}}}: there is no file {name}.html")
    return re.sub(r"\{\{> *([a-z0-9_/-]+) *\}\}", lambda found: with_includes(root, found[1], (*stack, name)), squeezed(read(path)))


def squeezed(text):
    lines, keep = [], False
    for line in text.split("\n"):
        starts, ends = re.search(r"<(pre|textarea)\b", line), re.search(r"</(pre|textarea)>", line)
        if keep or starts:
            lines.append(line + "\n")
        elif BLOCK_LINE.match(line):
            lines.append(line.strip())
        elif line.strip():
            lines.append(line.strip() + "\n")
        keep = (keep or bool(starts)) and not ends
    return "".join(lines)


class Html:
    """Follows the HTML text, to know where a value stands."""

    def __init__(self):
        self.place, self.element, self.attribute, self.at_start = "text", "", "", False

    def state(self):
        return (self.place, self.element, self.attribute, self.at_start)

    def set_state(self, state):
        self.place, self.element, self.attribute, self.at_start = state

    def feed(self, text):
        at = 0
        while at < len(text):
            at = getattr(self, "in_" + self.place)(text, at)

    def in_text(self, text, at):
        if self.element in ("title", "textarea", "script", "style"):
            end = text.find("</" + self.element, at)
            if end < 0:
                return len(text)
            self.element, self.place = "", "tag"
            return end + 2
        found = re.compile(r"<(!--|[!/]?[a-zA-Z][a-zA-Z0-9-]*)").search(text, at)
        if not found:
            if text.rstrip().endswith("<"):
                raise Failure("a value cannot stand in the name of an element")
            return len(text)
        if found[1] == "!--":
            raise Failure("write comments as {{! … }}")
        self.place, self.element = "tag", found[1].lower()
        return found.end()

    def in_tag(self, text, at):
        found = re.compile(r"\s*(?:(/?>)|([a-zA-Z_:][a-zA-Z0-9_:.-]*)(\s*=\s*(\")?)?)?").match(text, at)
        if found[1]:
            self.place = "text"
            if self.element not in ("title", "textarea", "script", "style"):
                self.element = ""
        elif found[2] and found[3]:
            if not found[4]:
                raise Failure(f"the value of the attribute {found[2]} must be in double quotes")
            self.attribute, self.place = found[2].lower(), "attribute"
            self.at_start = self.attribute in URL_ATTRIBUTES
        elif found.end() < len(text) and not found[2]:
            raise Failure(f"unexpected in <{self.element}: {text[found.end():found.end() + 20]!r}")
        return found.end()

    def in_attribute(self, text, at):
        end = text.find('"', at)
        if end != at:
            self.at_start = False
        if end < 0:
            return len(text)
        self.place, self.attribute, self.at_start = "tag", "", False
        return end + 1

    def value(self):
        """The place of a value that stands here."""
        if self.place == "tag":
            raise Failure(f"a value cannot stand in <{self.element} outside of an attribute's value")
        if self.place == "text":
            if self.element == "script":
                raise Failure("a value cannot stand in <script>")
            if self.element == "style":
                return "TEMPLATE_IN_STYLE"
            return "TEMPLATE_IN_ATTRIBUTE" if self.element else "TEMPLATE_IN_TEXT"
        if self.attribute == "style":
            return "TEMPLATE_IN_STYLE"
        if self.attribute.startswith("on"):
            raise Failure(f"a value cannot stand in the attribute {self.attribute}")
        start, self.at_start = self.at_start, False
        if self.attribute in URL_ATTRIBUTES:
            return "TEMPLATE_IN_URL" if start else "TEMPLATE_IN_URL_PART"
        return "TEMPLATE_IN_ATTRIBUTE"


class Compiler:
    def __init__(self, text):
        self.html, self.ops, self.blocks = Html(), [], []
        at = 0
        for found in TAG.finditer(text):
            self.markup(text[at:found.start()])
            self.tag(found[1].strip())
            at = found.end()
        self.markup(text[at:])
        if self.blocks:
            raise Failure(f"{{{{#{self.blocks[-1]['kind']}}}}} has no end")
        if self.html.place != "text" or self.html.element:
            raise Failure("ends inside an element's tag or text")

    def add(self, kind, **values):
        self.ops.append({"kind": kind, "place": "TEMPLATE_IN_TEXT", "message": "MESSAGE_NONE", "text": None, "next": None, **values})
        return self.ops[-1]

    def markup(self, text):
        if re.search(r"\{\{|\}\}", text):
            raise Failure("a {{ or }} without its counterpart")
        self.html.feed(text)
        for at in range(0, len(text), LITERAL_MAX):
            self.add("MARKUP", text=text[at:at + LITERAL_MAX])

    def tag(self, text):
        words = text.split()
        if text.startswith("!"):
            return
        if len(words) == 2 and words[0] in ("#if", "#each") and NAME.match(words[1]):
            op = self.add("IF" if words[0] == "#if" else "EACH", text=words[1])
            self.blocks.append({"kind": words[0][1:], "op": op, "state": self.html.state(), "other": None})
        elif text == "else" and self.blocks and self.blocks[-1]["kind"] == "if" and not self.blocks[-1]["other"]:
            block = self.blocks[-1]
            block["other"] = (self.add("JUMP"), self.html.state())
            block["op"]["next"] = len(self.ops)
            self.html.set_state(block["state"])
        elif text in ("/if", "/each") and self.blocks and self.blocks[-1]["kind"] == text[1:]:
            block = self.blocks.pop()
            if self.html.state() != (block["other"][1] if block["other"] else block["state"]):
                raise Failure(f"the parts of {{{{#{block['kind']}}}}} begin and end inside different tags or attributes")
            (block["other"][0] if block["other"] else block["op"])["next"] = len(self.ops)
        elif KEY.match(text):
            place = self.html.value()
            if place == "TEMPLATE_IN_STYLE":
                raise Failure("a message cannot stand in a style")
            self.add("MESSAGE", message="MESSAGE_" + KEY.match(text)[1], place=place)
        elif NAME.match(text) and text != "else":
            self.add("VALUE", text=text, place=self.html.value())
        else:
            raise Failure(f"{{{{{text}}}}} is unknown or not expected here")


def c_template(name, path, ops):
    rows = []
    for op in ops:
        text = "{ NULL, 0 }" if op["text"] is None else f"STR_INIT({json.dumps(op['text'])})"
        following = op["next"] if op["next"] is not None else 0
        rows.append(f"\t{{ TEMPLATE_OP_{op['kind']}, {op['place']}, {op['message']}, {following}, {text} }},\n")
    return (f"static const struct template_op ops_{name}[] = {{\n{''.join(rows)}}};\n"
            f"DECLARE_TEMPLATE({name});\n"
            f"const struct template template_{name} = {{ {json.dumps(path)}, ops_{name}, sizeof(ops_{name}) / sizeof(ops_{name}[0]) }};\n\n")


def write_templates(root, out):
    names, failures = [], 0
    for folder, folders, files in os.walk(root):
        folders.sort()
        for file in sorted(files):
            if not file.endswith(".html"):
                continue
            path = os.path.relpath(os.path.join(folder, file), root)[:-len(".html")]
            try:
                ops = Compiler(with_includes(root, path)).ops if not is_part(path) else None
            except Failure as failure:
                print(f"{os.path.join(folder, file)}: {failure}", file=sys.stderr)
                failures += 1
                continue
            if ops is not None:
                name = re.sub(r"[^a-z0-9]", "_", path)
                names.append(name)
                out.write(c_template(name, path, ops))
    if failures:
        sys.exit(1)
    out.write("const struct template *const templates[] = {\n" + "".join(f"\t&template_{name},\n" for name in names) + "};\n")
    out.write("const size_t n_templates = sizeof(templates) / sizeof(templates[0]);\n\n")


def is_part(path):
    return path.startswith("frame/") or os.path.basename(path).startswith("_")


def small_style(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s+", " ", text)
    # A space before a colon can matter in a selector, and around + and - in calc().
    return re.sub(r" ?([{};,>]) ?", r"\1", re.sub(r": ", ":", text)).replace(";}", "}").strip()


def with_imports(path, text):
    """The script with the scripts that it imports for their effects, each in a block, in which its names stay separate. A page
    thus loads one script."""
    def imported(found):
        other = os.path.join(os.path.dirname(path), found[1])
        if not os.path.isfile(other):
            raise Failure(f"{path}: there is no script {found[1]}")
        inner = read(other)
        if re.search(r"^(import|export)\b", inner, re.M):
            raise Failure(f"{path}: {found[1]} has imports or exports itself")
        return "{\n" + inner + "\n}"

    text = re.sub(r"^import '\./([a-z0-9_]+\.js)';$", imported, text, flags=re.M)
    if re.search(r"^import\b", text, re.M):
        raise Failure(f"{path}: write an import as: import './NAME.js';")
    return text


def small_script(path, text):
    if re.search(r"`[^`\n]*\n", re.sub(r"`[^`\n]*`", "", text)):
        raise Failure(f"{path}: a template literal must end on its line, because the white space of lines is removed")
    text = re.sub(r"^\s*/\*.*?\*/\s*$", "", text, flags=re.S | re.M)
    lines = (line.strip() for line in text.split("\n"))
    return "".join(line + "\n" for line in lines if line and not line.startswith("//"))


def files_of(root, folder, extension):
    path = os.path.join(root, folder)
    return [os.path.join(path, file) for file in sorted(os.listdir(path)) if file.endswith(extension)] if os.path.isdir(path) else []


def write_assets(root, out):
    styles = files_of(root, "style", ".css")
    # The files whose names begin with a digit are the style sheet of all pages; each other one is for some pages only.
    shared = "".join(read(path) for path in styles if os.path.basename(path)[0].isdigit())
    rows = [("kycd", "css", "text/css; charset=utf-8", small_style(shared))]
    for path in styles:
        if not os.path.basename(path)[0].isdigit():
            rows.append((os.path.basename(path)[:-4], "css", "text/css; charset=utf-8", small_style(read(path))))
    for path in files_of(root, "script", ".js"):
        rows.append((os.path.basename(path)[:-3], "js", "text/javascript; charset=utf-8", small_script(path, with_imports(path, read(path)))))
    table = []
    for number, (base, extension, kind, text) in enumerate(rows):
        numbers = textwrap.fill(", ".join(str(byte) for byte in text.encode("ascii") + b"\0"), 100)
        out.write(f"static const char asset_{number}[] = {{\n{numbers}\n}};\n\n")
        name = f"{base}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.{extension}"
        table.append(f'\t{{ "{base}", STR_INIT("{name}"), "{kind}", {{ asset_{number}, sizeof(asset_{number}) - 1 }} }},\n')
    out.write("const struct asset assets[] = {\n" + "".join(table) + "};\n")
    out.write("const size_t n_assets = sizeof(assets) / sizeof(assets[0]);\n")


def write_depfile(output, depfile, root):
    found = [path for folder, _, files in os.walk(root) for path in (folder, *(os.path.join(folder, file) for file in files))]
    with open(depfile, "w", encoding="utf-8") as out:
        out.write(f"{output}: " + " ".join(path.replace(" ", "\\ ") for path in sorted(found)) + "\n")


def main():
    output, depfile, root = sys.argv[1:]
    write_depfile(output, depfile, root)
    with open(output, "w", encoding="ascii") as out:
        out.write('#include "html/asset.h"\n#include "html/templates.h"\n\n')
        try:
            write_templates(root, out)
            write_assets(root, out)
        except Failure as failure:
            sys.exit(str(failure))


main()
