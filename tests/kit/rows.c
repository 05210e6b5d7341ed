/* The part of kit/world.h that looks at rows. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/person/person.h"
#include "kit/world.h"

#define ROWS_MAX 512

struct access_job {
	enum record_kind kind;
	void *row;
	const void *saved;
	enum query_kind query;
	size_t limit, n;
};

static enum err do_load(struct tx *tx, void *arg)
{
	struct access_job *const job = arg;

	return tx->ops->load(tx, job->kind, job->row);
}

static enum err do_save(struct tx *tx, void *arg)
{
	struct access_job *const job = arg;

	return tx->ops->save(tx, job->kind, job->saved);
}

static enum err do_find(struct tx *tx, void *arg)
{
	struct access_job *const job = arg;

	return store_find(tx, job->query, job->saved, page_of(0, job->limit), job->row, &job->n);
}

/* Past the faults and the counters. */
static enum err transact(struct kit *kit, enum tx_kind kind, tx_work *work, struct access_job *job)
{
	return store_transact(kit->store.inner, kind, &kit->arena, work, job);
}

bool kit_has(struct kit *kit, enum record_kind kind, void *row)
{
	struct access_job job = { .kind = kind, .row = row };

	return transact(kit, TX_READ, do_load, &job) == OK;
}

void kit_load(struct kit *kit, enum record_kind kind, void *row)
{
	assert_true(kit_has(kit, kind, row));
}

void kit_save(struct kit *kit, enum record_kind kind, const void *row)
{
	struct access_job job = { .kind = kind, .saved = row };

	assert_int_equal(transact(kit, TX_WRITE, do_save, &job), OK);
}

size_t kit_find(struct kit *kit, enum query_kind query, const void *probe, void *rows, size_t limit)
{
	struct access_job job = { .query = query, .saved = probe, .row = rows, .limit = limit };

	assert_int_equal(transact(kit, TX_READ, do_find, &job), OK);
	return job.n;
}

struct enrolment kit_enrolment(struct kit *kit, const struct caller *caller, const char *email)
{
	struct enrolment enrolment = { .tenant_id = caller->tenant.id };
	const struct identifier who = kit_who(email);
	struct address address;

	blind_index_of(&kit->world, caller->tenant.group_name, &who, &address.blind_index);
	kit_load(kit, RECORD_ADDRESS, &address);
	enrolment.user_id = address.user_id;
	enrolment.blind_index = address.blind_index;
	kit_load(kit, RECORD_ENROLMENT, &enrolment);
	return enrolment;
}

struct user kit_user(struct kit *kit, const struct caller *caller, const char *email)
{
	struct user user = { .id = kit_enrolment(kit, caller, email).user_id };

	kit_load(kit, RECORD_USER, &user);
	return user;
}

static size_t sessions_of(
	struct kit *kit, const struct caller *caller, const char *email, struct session *rows, size_t limit)
{
	const struct session probe = { .user_id = kit_user(kit, caller, email).id };

	return kit_find(kit, QUERY_SESSIONS_OF_USER, &probe, rows, limit);
}

struct session kit_session(struct kit *kit, const struct caller *caller, const char *email)
{
	struct session session;

	assert_int_equal(sessions_of(kit, caller, email, &session, 1), 1);
	return session;
}

size_t kit_sessions(struct kit *kit, const struct caller *caller, const char *email)
{
	struct session *const rows = arena_array(&kit->arena, struct session, ROWS_MAX);

	assert_non_null(rows);
	return sessions_of(kit, caller, email, rows, ROWS_MAX);
}

void kit_decide(struct kit *kit, const struct caller *caller, const char *email, enum session_status status)
{
	struct session session = kit_session(kit, caller, email);

	session.status = status;
	session.last_update_at = world_now(&kit->world);
	kit_save(kit, RECORD_SESSION, &session);
}

int64_t kit_quota_used(struct kit *kit, const struct caller *caller, int64_t month)
{
	struct quota quota = { .tenant_id = caller->tenant.id, .month = month };

	return kit_has(kit, RECORD_QUOTA, &quota) ? quota.used : 0;
}

size_t kit_acts(struct kit *kit, enum audit_action action)
{
	static const struct audit_entry since;
	struct audit_entry *const rows = arena_array(&kit->arena, struct audit_entry, ROWS_MAX);
	size_t n = 0;

	assert_non_null(rows);
	const size_t all = kit_find(kit, QUERY_AUDIT_SINCE, &since, rows, ROWS_MAX);
	assert_true(all < ROWS_MAX);
	for (size_t i = 0; i < all; i++)
		n += rows[i].action == action;
	return n;
}
