#include "api/describe/docs_page.h"

#include <string.h>

#include "api/describe/docs_build.h"
#include "api/describe/documents.h"

struct docs_pages {
	struct reply reference;
	struct reply *documents; /* one for each row of documents[] */
};

/* "integrating" of "integrating.md". */
static struct str page_name(const struct document *document)
{
	struct str rest = str_of(document->name), name;

	(void)str_cut(&rest, '.', &name);
	return name;
}

static void add_page(struct docs_builder *b, struct template_list *pages, struct str url, const char *name,
	bool is_current)
{
	struct docs_link *const link = docs_add(b, pages, sizeof(*link));

	if (link)
		*link = (struct docs_link){ url, str_of(name), is_current };
}

/* Fills the values that both kinds of pages have. `current` is the document, or n_documents for the
 * reference. */
static void set_site(struct docs_builder *b, struct docs_site *site, size_t current)
{
	const struct rules *const rules = b->api->world->rules;

	*site = (struct docs_site){ .version = b->api->version,
		.url = rules->public_url,
		.is_dev = b->api->docs.is_dev,
		.has_inbox = b->api->docs.has_inbox,
		.is_sandbox = rules->sandbox };
	for (size_t i = 0; i < b->api->n_routes; i++)
		if (b->api->routes[i]->doc && b->api->routes[i]->entry.method == METHOD_POST &&
			str_eq(str_of(b->api->routes[i]->entry.pattern), STR("/v1/verification-links")))
			site->link_call = str_of(b->api->routes[i]->doc->operation);
	add_page(b, &site->pages, STR("/docs"), "API reference", current == n_documents);
	for (size_t i = 0; i < n_documents; i++) {
		const struct str name = page_name(&documents[i]);

		add_page(b, &site->pages, arena_printf(b->a, "/docs/%.*s", STR_ARG(name)), documents[i].title,
			current == i);
	}
}

/* Renders a page and copies what it consists of into `kept`. */
static enum err keep_page(struct docs_builder *b, const struct page_template *page, const void *values,
	struct arena *kept, struct reply *out)
{
	const struct page_frame frame = {
		.language = LANGUAGE_EN, .brand = b->api->world->rules->brand, .wide = true
	};

	if (b->failed)
		return ERR_INTERNAL;
	TRY(page_reply(b->a, &frame, page, values, 200, out));
	out->body = arena_copy(kept, out->body);
	for (size_t i = 0; i < out->n_headers; i++) {
		out->headers[i].value = arena_copy(kept, out->headers[i].value);
		TRY(out->headers[i].value.p ? OK : ERR_INTERNAL);
	}
	return out->body.p ? OK : ERR_INTERNAL;
}

static enum err keep_reference(struct docs_builder *b, struct arena *kept, struct reply *out)
{
	struct docs_reference reference = { .keys_optional = b->api->world->rules->keys_optional };

	set_site(b, &reference.site, n_documents);
	docs_add_groups(b, &reference.groups);
	docs_add_shared_answers(b, &reference.shared_answers);
	docs_set_words(b, &reference);
	return keep_page(b, &docs_reference_page, &reference, kept, out);
}

static enum err keep_document(struct docs_builder *b, size_t i, struct arena *kept, struct reply *out)
{
	const struct document *const document = &documents[i];
	struct docs_document values = { .title = str_of(document->title),
		.markdown_url = arena_printf(b->a, "/docs/%s", document->name),
		.contents_markup = document->contents,
		.content_markup = document->html };

	set_site(b, &values.site, i);
	return keep_page(b, &docs_document_page, &values, kept, out);
}

static enum err keep_pages(struct docs_builder *b, struct arena *kept, struct docs_pages *pages)
{
	TRY(keep_reference(b, kept, &pages->reference));
	for (size_t i = 0; i < n_documents; i++) {
		arena_reset(b->a);
		TRY(keep_document(b, i, kept, &pages->documents[i]));
	}
	return OK;
}

enum err docs_describe(struct api_context *api, struct arena *a)
{
	struct docs_pages *const pages = arena_new(a, struct docs_pages);
	struct arena building;
	struct docs_builder b = { .a = &building, .api = api };

	api->docs_pages = NULL;
	if (!pages)
		return ERR_INTERNAL;
	pages->documents = arena_array(a, struct reply, n_documents);
	if (!pages->documents)
		return ERR_INTERNAL;
	arena_init(&building, DOCS_BUILD_MEMORY);
	const enum err e = keep_pages(&b, a, pages);
	arena_finish(&building);
	if (e == OK)
		api->docs_pages = pages;
	return e;
}

static struct reply handle_docs(struct call *call)
{
	const struct docs_pages *const pages = call->api->docs_pages;

	return pages ? pages->reference : respond(call->arena, ANSWER_UNAVAILABLE);
}

const struct route docs_route = {
	.entry = { METHOD_GET, "/docs" },
	HANDLE_INLINE(handle_docs),
	.failure = ANSWER_UNAVAILABLE,
};

/* Serves /docs/integrating as HTML and /docs/integrating.md as Markdown. */
static struct reply handle_document(struct call *call)
{
	const struct docs_pages *const pages = call->api->docs_pages;

	for (size_t i = 0; i < n_documents; i++) {
		if (str_eq(call->params[0], str_of(documents[i].name)))
			return respond_text(200, "text/markdown; charset=utf-8", documents[i].text);
		if (pages && str_eq(call->params[0], page_name(&documents[i])))
			return pages->documents[i];
	}
	return respond(call->arena, ANSWER_ROUTE_NOT_FOUND);
}

const struct route document_route = {
	.entry = { METHOD_GET, "/docs/:page" },
	HANDLE_INLINE(handle_document),
	.failure = ANSWER_UNAVAILABLE,
};
