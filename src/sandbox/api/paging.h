/* Lists a page at a time, as Didit's framework has them (didit-api.md 4.4): limit and offset of the query,
 * count and links to the neighbours in the answer. */
#pragma once

#include <stdint.h>

#include "sandbox/request/request_ctx.h"
#include "text/json.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 100

struct paging {
	int64_t limit, offset;
};

/* What is no number counts as not there. */
struct paging paging_read(struct str limit, struct str offset);
/* Is the row with this number, counted from 0, on the page? */
bool paging_has(const struct paging *paging, int64_t row);
/* The members count, next and previous. `path`: "/v3/sessions/"; `filters`: "&status=…", or empty. */
void paging_write(struct json_writer *w, const struct request_ctx *ctx, const struct paging *paging,
	struct str path, struct str filters, int64_t count);
