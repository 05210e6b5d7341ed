#!/usr/bin/env python3
"""Tests that tools/embed_templates.py refuses templates that are malformed, or whose values it cannot escape safely, and says why.
Usage: test_embed_templates.py EMBED_TEMPLATES"""
import os
import subprocess
import sys
import tempfile

TOOL = sys.argv[1]
OTHER = {"frame/part.html": "<p>{{a}}</p>\n", "frame/self.html": "{{> frame/self}}\n", "frame/open.html": "<p class=\"\n"}

# Template, and a part of the message; "" for a template that is accepted.
ROWS = [
    ("<p>{{a}}</p>", ""),
    ("<p class=\"x {{a}}\" title=\"{{@KEY}}\">{{@KEY}}</p>", ""),
    ("<input{{#if a}} checked{{/if}}>", ""),
    ("<p class=\"x{{#if a}} y{{else}} z{{/if}}\">", ""),
    ("<p>1 < 2 &amp; {{a}}</p>", ""),
    ("{{> frame/part}}", ""),
    ("{{! any } text }}", ""),
    ("{{#each list}}{{#if a}}{{b}}{{/if}}{{/each}}", ""),
    ("{{A}}", "is unknown"),
    ("{{a b}}", "is unknown"),
    ("{{@key}}", "is unknown"),
    ("{{#unless a}}{{/unless}}", "is unknown"),
    ("{{#if a}}", "has no end"),
    ("{{#each a}}<p>{{#if b}}</p>{{/each}}{{/if}}", "not expected here"),
    ("{{/if}}", "not expected here"),
    ("{{else}}", "not expected here"),
    ("{{#if a}}{{else}}{{else}}{{/if}}", "not expected here"),
    ("{{#each a}}{{else}}{{/each}}", "not expected here"),
    ("{{a", "without its counterpart"),
    ("a}}", "without its counterpart"),
    ("{{> frame/none}}", "there is no file frame/none.html"),
    ("{{> frame/self}}", "includes itself"),
    ("{{> frame/open}}", "ends inside"),
    ("<p class={{a}}>", "must be in double quotes"),
    ("<p class='{{a}}'>", "must be in double quotes"),
    ("<p {{a}}>", "outside of an attribute"),
    ("<p class{{a}}=\"b\">", "outside of an attribute"),
    ("<{{a}}>", "name of an element"),
    ("<h{{a}}>", "outside of an attribute"),
    ("<p onclick=\"{{a}}\">", "attribute onclick"),
    ("<p style=\"color: {{@KEY}}\">", "a message cannot stand in a style"),
    ("<script>{{a}}</script>", "cannot stand in <script>"),
    ("<style>{{@KEY}}</style>", "a message cannot stand in a style"),
    ("<!-- {{a}} -->", "write comments as"),
    ("<p {{#if a}}class=\"b{{/if}}\">", "begin and end inside different"),
    ("<a href=\"{{#if a}}/b{{/if}}{{c}}\">", "begin and end inside different"),
    ("<textarea>{{a}}", "ends inside"),
    ("<p>\u00e9</p>", "only ASCII"),
]


def result_of(template):
    with tempfile.TemporaryDirectory() as root:
        for name, text in {**OTHER, "page.html": template}.items():
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            with open(os.path.join(root, name), "w", encoding="utf-8") as file:
                file.write(text)
        run = subprocess.run([TOOL, os.path.join(root, "out.c"), os.path.join(root, "out.d"), root], capture_output=True, text=True, check=False)
        return run.returncode, run.stderr


def main():
    failed = 0
    for template, expected in ROWS:
        code, message = result_of(template)
        if (code == 0) != (expected == "") or expected not in message or (expected and "page.html" not in message):
            print(f"{template!r}: expected {expected!r}, got {code}: {message}")
            failed += 1
    print(f"{len(ROWS)} templates, {failed} failed")
    sys.exit(1 if failed else 0)


main()
