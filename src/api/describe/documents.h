/* The pages of docs/ that are served below /docs/, in the order in which /llms.txt lists them.
 * tools/embed_docs.py writes the table when kycd is built. */
#pragma once

#include <stddef.h>

struct document {
	const char *name; /* "integrating.md" */
	const char *title;
	const char *summary;	   /* one sentence */
	const unsigned char *text; /* Markdown in UTF-8 */
	size_t n;
};

extern const struct document documents[];
extern const size_t n_documents;
