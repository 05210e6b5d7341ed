/* The pages of docs/ that are served below /docs/, in the order in which /llms.txt lists them.
 * tools/embed_docs.py writes the table when kycd is built. */
#pragma once

#include <stddef.h>

#include "base/str.h"

struct document {
	const char *name; /* "integrating.md" */
	const char *title;
	const char *summary; /* one sentence */
	struct str text;     /* Markdown in UTF-8 */
	struct str html;     /* the same as HTML, without a page around it */
	struct str contents; /* list items with links to its headings, as HTML */
};

extern const struct document documents[];
extern const size_t n_documents;
