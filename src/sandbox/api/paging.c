#include "sandbox/api/paging.h"

struct paging paging_read(struct str limit, struct str offset)
{
	struct paging paging = { 0, 0 };

	if (!str_number(limit, INT32_MAX, &paging.limit) || paging.limit == 0)
		paging.limit = PAGE_DEFAULT;
	if (paging.limit > PAGE_MAX)
		paging.limit = PAGE_MAX;
	if (!str_number(offset, INT32_MAX, &paging.offset))
		paging.offset = 0;
	return paging;
}

bool paging_has(const struct paging *paging, int64_t row)
{
	return row >= paging->offset && row - paging->offset < paging->limit;
}

/* The parts that the links to the next and the previous page have in common. */
struct page_link {
	struct str base_url, path, filters;
	int64_t limit;
};

static void put_page_link(
	struct json_writer *w, const char *key, const struct page_link *link, int64_t offset)
{
	const struct str url = arena_printf(w->out->arena, "%.*s%.*s?limit=%lld&offset=%lld%.*s",
		STR_ARG(link->base_url), STR_ARG(link->path), (long long)link->limit, (long long)offset,
		STR_ARG(link->filters));

	if (!url.p)
		w->out->failed = true;
	json_field_text(w, key, url);
}

void paging_write(struct json_writer *w, const struct request_ctx *ctx, const struct paging *paging,
	struct str path, struct str filters, int64_t count)
{
	const struct page_link link = { ctx->sandbox->base_url, path, filters, paging->limit };
	const int64_t next = paging->offset + paging->limit, previous = paging->offset - paging->limit;

	json_field_int(w, "count", count);
	if (next < count)
		put_page_link(w, "next", &link, next);
	else
		json_field_null(w, "next");
	if (paging->offset > 0)
		put_page_link(w, "previous", &link, previous > 0 ? previous : 0);
	else
		json_field_null(w, "previous");
}
