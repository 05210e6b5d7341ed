#include "app/console/people.h"

#include <string.h>

#include "app/console/visible_tenants.h"

struct list_job {
	const struct world *world;
	const struct console_caller *caller;
	const struct console_people_query *query;
	struct console_people *out;
	enum console_verdict *verdict;
};

static enum err find_tenant(struct tx *tx, const struct list_job *job)
{
	struct visible_tenant found;

	TRY(visible_tenant_find(job->world, tx, job->caller, CONSOLE_VIEW, job->query->tenant, &found));
	*job->verdict = found.verdict;
	if (found.verdict == CONSOLE_PERMITTED)
		job->out->tenant = found.row;
	return OK;
}

static enum err choose_tenant(struct tx *tx, void *arg)
{
	const struct list_job *const job = arg;
	struct console_people *const out = job->out;

	*job->verdict = console_permit(job->world, job->caller, CONSOLE_VIEW, NULL);
	if (*job->verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(visible_tenants_list(tx, job->caller, &out->tenants, &out->n_tenants));
	if (job->query->tenant.n > 0)
		return find_tenant(tx, job);
	if (out->n_tenants > 0)
		out->tenant = out->tenants[0];
	return OK;
}

/* An id begins with the time at which it was made, so a time is a place in the list. */
static void set_newest(const struct console_people_query *query, struct people_params *params)
{
	struct public_user_id until = { "" };

	params->after = query->before;
	if (moment_is_unset(query->until))
		return;
	id_lower_bound(query->until, until.text);
	if (query->before.text[0] == '\0' || strcmp(until.text, query->before.text) < 0)
		params->after = until;
}

/* The list is sorted: after the first person who is too old, there are only older ones. */
static void cut_older(moment from, struct people_page *page)
{
	char oldest[ID_SIZE];

	if (moment_is_unset(from))
		return;
	id_lower_bound(from, oldest);
	if (strcmp(page->next_after.text, oldest) < 0)
		page->has_more = false;
	while (page->n > 0 && strcmp(page->people[page->n - 1].ids.user_id.text, oldest) < 0)
		page->n--;
}

enum err console_people_read_page(const struct world *world, struct arena *a, const struct tenant *tenant,
	const struct console_people_query *query, size_t limit, struct people_page *out)
{
	/* One more than wanted tells whether the next person is too old. */
	struct people_params params = {
		.tenant = tenant, .has_status = query->has_status, .status = query->status, .limit = limit + 1
	};

	set_newest(query, &params);
	TRY(people_list(world, a, &params, out));
	cut_older(query->from, out);
	if (out->n > limit) {
		out->n = limit;
		out->has_more = true;
		out->next_after = out->people[limit - 1].ids.user_id;
	}
	return OK;
}

enum err console_people_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_people_query *query, struct console_people *out, enum console_verdict *verdict)
{
	struct list_job job = { world, caller, query, out, verdict };

	*out = (struct console_people){ .n_tenants = 0 };
	TRY(store_transact(world->store, TX_READ, a, choose_tenant, &job));
	if (*verdict != CONSOLE_PERMITTED || out->tenant.name[0] == '\0')
		return OK;
	return console_people_read_page(world, a, &out->tenant, query, CONSOLE_PEOPLE_PAGE, &out->page);
}
