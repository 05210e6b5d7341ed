#include "app/console/changes.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "domain/audit.h"
#include "domain/event.h"
#include "port/store.h"

struct changes_job {
	const struct console_caller *caller;
	struct buf word;
};

static enum err add_newest_of_all(struct tx *tx, struct buf *word)
{
	struct audit_entry entry_probe = { .actor = "" }, entry;
	const struct event event_probe = { .position = 0 };
	struct event event;
	size_t n;

	memset(entry_probe.id.text, 'z', ID_LENGTH);
	TRY(store_find(tx, QUERY_NEWEST_EVENTS, &event_probe, page_of(0, 1), &event, &n));
	if (n > 0)
		buf_add(word, str_of(event.id.text));
	buf_char(word, '.');
	TRY(store_find(tx, QUERY_AUDIT_BEFORE, &entry_probe, page_of(0, 1), &entry, &n));
	if (n > 0)
		buf_add(word, str_of(entry.id.text));
	return OK;
}

static enum err add_newest_of_tenants(struct tx *tx, const struct console_caller *caller, struct buf *word)
{
	struct event probe = { .position = 0 }, event;
	size_t n;

	for (size_t i = 0; operator_account_tenant_at(&caller->account, i, &probe.tenant_id); i++) {
		TRY(store_find(tx, QUERY_NEWEST_EVENTS_OF_TENANT, &probe, page_of(0, 1), &event, &n));
		buf_printf(word, "%" PRId64 ".", n > 0 ? event.position : 0);
	}
	return OK;
}

static enum err read_changes(struct tx *tx, void *arg)
{
	struct changes_job *const job = arg;

	buf_init(&job->word, tx->arena);
	return operator_account_has_all_tenants(&job->caller->account)
		       ? add_newest_of_all(tx, &job->word)
		       : add_newest_of_tenants(tx, job->caller, &job->word);
}

enum err console_changes_read(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str *out, enum console_verdict *verdict)
{
	struct changes_job job = { .caller = caller };

	*verdict = console_permit(world, caller, CONSOLE_VIEW, NULL);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(store_transact(world->store, TX_READ, a, read_changes, &job));
	buf_printf(&job.word, ".%" PRId64, world_now(world).ms / 60000);
	return buf_done(&job.word, out) == OK ? OK : ERR_INTERNAL;
}
