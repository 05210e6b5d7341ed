/* Paging of lists as in Didit's framework (didit-api.md 4.4): the query has limit and offset, and the
 * response has the total count and links to the next and the previous page. */
#pragma once

#include <stdint.h>

#include "sandbox/request/request_ctx.h"
#include "text/json.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 100

struct paging {
	int64_t limit, offset;
};

/* Parses limit and offset. An invalid number is replaced by its default, and a limit above PAGE_MAX by
 * PAGE_MAX. */
struct paging paging_read(struct str limit, struct str offset);
/* Returns true if the row with this number, counted from 0, is on the page. */
bool paging_has(const struct paging *paging, int64_t row);
/* Writes the members count, next and previous. `path` is the list's path, such as "/v3/sessions/". `filters`
 * is the rest of its query, such as "&status=…", or empty. */
void paging_write(struct json_writer *w, const struct request_ctx *ctx, const struct paging *paging,
	struct str path, struct str filters, int64_t count);
