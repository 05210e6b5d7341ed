#include "provider/didit_find.h"

#include "provider/provider_ref.h"
#include "text/encode.h"

/* The number of pages that one search requests at most. A person has only a few sessions. */
#define PAGES_MAX 4
#define PAGE_SIZE 50
/* Memory limit in bytes for one page, of which didit_client limits the response to 8 MiB. */
#define PAGE_MEMORY_MAX ((size_t)9 * 1024 * 1024)
/* Tolerated difference between the provider's clock and this machine's clock. */
#define CLOCK_SKEW_MAX minutes(5)

struct newest {
	const struct session_search *search;
	struct provider_ref ref;
	moment made;
	bool found;
};

static enum err list_path(const struct session_search *search, int page, struct arena *own, struct str *out)
{
	struct buf text;
	bool first = true;

	buf_init(&text, own);
	buf_printf(&text, "/v3/sessions/?limit=%d&offset=%d&vendor_data=", PAGE_SIZE, page * PAGE_SIZE);
	percent_encode(&text, search->vendor_data);
	buf_add(&text, STR("&status="));
	for (int s = 0; s < STATUS_COUNT; s++) {
		if (!session_status_is_open((enum session_status)s) ||
			session_status_is_internal((enum session_status)s))
			continue;
		if (!first)
			buf_add(&text, STR("%2C"));
		percent_encode(&text, str_of(session_status_provider_name((enum session_status)s)));
		first = false;
	}
	return buf_done(&text, out);
}

static void update_newest(const struct json_value *item, struct newest *newest)
{
	const struct session_search *const search = newest->search;
	const struct str kind = json_text(json_get(item, "session_kind"));
	struct provider_ref ref;
	enum session_status status;
	moment made;

	if ((kind.n > 0 && !str_eq_nocase(kind, STR("user"))) ||
		!str_eq(json_text(json_get(item, "vendor_data")), search->vendor_data) ||
		!session_status_parse(json_text(json_get(item, "status")), &status) ||
		!session_status_is_open(status) ||
		!provider_ref_read(json_text(json_get(item, "session_id")), &ref) ||
		!moment_parse(json_text(json_get(item, "created_at")), &made) ||
		moment_is_before(made, moment_sub(search->since, CLOCK_SKEW_MAX)))
		return;
	if (newest->found && !moment_is_before(newest->made, made))
		return;
	newest->ref = ref;
	newest->made = made;
	newest->found = true;
}

/* Reads one page of the list and updates `newest`. Sets `*more` to whether another page follows. */
static enum err read_page(struct didit_client *client, struct didit_request *x, struct arena *own,
	struct newest *newest, struct provider_failure *failure, bool *more)
{
	const struct json_value *answer cleanup_with(json_cleanup) = NULL;

	TRY(didit_client_call(client, x, own, &answer, failure));
	const struct json_value *const results = json_get(answer, "results");
	if (json_kind_of(results) != JSON_KIND_ARRAY) {
		provider_failure_set(failure, PROVIDER_UNUSABLE, PROVIDER_REASON_UNKNOWN_LIST);
		return ERR_UPSTREAM;
	}
	for (size_t i = 0; i < json_count(results); i++)
		update_newest(json_at(results, i), newest);
	*more = json_count(results) > 0 && json_kind_of(json_get(answer, "next")) == JSON_KIND_TEXT;
	return OK;
}

enum err didit_find_newest(struct didit_client *client, const struct session_search *search, int64_t deadline,
	struct provider_ref *found, struct provider_failure *failure)
{
	struct newest newest = { .search = search };
	bool more = true;

	for (int page = 0; page < PAGES_MAX && more; page++) {
		struct didit_request x = { .call = CALL_FIND, .method = "GET", .deadline = deadline };
		struct arena own;
		enum err e;

		arena_init(&own, PAGE_MEMORY_MAX);
		provider_failure_set(failure, PROVIDER_OK, PROVIDER_REASON_NONE);
		e = list_path(search, page, &own, &x.path) == OK
			    ? read_page(client, &x, &own, &newest, failure, &more)
			    : ERR_INTERNAL;
		arena_finish(&own);
		TRY(e);
	}
	*found = newest.ref;
	if (newest.found)
		return OK;
	if (!more)
		return ERR_NOT_FOUND;
	/* The pages that were read contain only other sessions. The person's session may be on a later
	 * page. */
	provider_failure_set(failure, PROVIDER_UNUSABLE, PROVIDER_REASON_UNKNOWN_LIST);
	return ERR_UPSTREAM;
}
