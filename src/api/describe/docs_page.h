/* The documentation for integrators as HTML: the API reference at /docs, and the pages of docs/ below it. The
 * pages are built once, at the start, and served from memory. */
#pragma once

#include "api/core/dispatch.h"
#include "html/page.h"

/* Memory limits in bytes: for building a page, and for all pages together. */
#define DOCS_BUILD_MEMORY ((size_t)32 * 1024 * 1024)
#define DOCS_MEMORY ((size_t)4 * 1024 * 1024)

/* Builds the pages for the routes of this listener and stores them in `api->docs_pages`. `a` must outlive
 * `api`. */
enum err docs_describe(struct api_context *api, struct arena *a) must_use;

extern const struct route docs_route, document_route;
extern const struct route docs_redirect_route;
