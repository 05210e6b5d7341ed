/* The HTML head of the API reference page, with its style sheet. */
#pragma once

static const char page_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>kycd API</title>\n<style>\n"
	":root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --box: #f3f5f7; "
	"--link: #0550ae; --good: #116329; --bad: #a40e26; }\n"
	"@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --faint: #9aa4af; --line: #363d46; "
	"--box: #171c24; --link: #79b8ff; --good: #7ee787; --bad: #ff9b94; } }\n"
	"* { box-sizing: border-box; }\n"
	"body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper); color: var(--ink); "
	"font: 16px/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }\n"
	"a { color: var(--link); }\ncode, pre { font: .875em/1.5 ui-monospace, monospace; }\npre code { font-size: 1em; }\n"
	"h1 { margin: .5rem 0; }\nh2 { margin: 3rem 0 0; }\nh3 { margin: 0; font-size: 1.1rem; }\n"
	"h4 { margin: 1.2rem 0 .3rem; font-size: .95rem; }\np { margin: .5rem 0; }\n"
	"article { margin: 1.2rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; }\n"
	"article:target { border-color: var(--link); }\n"
	"pre { margin: .3rem 0; padding: .7rem; background: var(--box); border-radius: 6px; white-space: pre-wrap; }\n"
	"nav ul { margin: .2rem 0 1rem; padding: 0; list-style: none; }\nnav li { padding: .15rem 0; }\n"
	"dl { margin: .3rem 0; }\ndd { margin: 0 0 .5rem 1rem; }\nsummary { padding: .35rem 0; cursor: pointer; }\n"
	".faint { color: var(--faint); }\n.good { color: var(--good); }\n.bad { color: var(--bad); }\n"
	".method { font-weight: 700; }\n"
	"</style>\n</head>\n<body>\n";
