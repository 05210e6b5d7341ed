/* The functions of kit/app_fixture.h that access rows directly. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/person/person.h"
#include "kit/app_fixture.h"

#define ROWS_MAX 512

struct access_job {
	enum record_kind kind;
	void *row;
	const void *input; /* the row to save, or the probe row of a query */
	enum query_kind query;
	size_t limit, n;
};

static enum err load_row(struct tx *tx, void *arg)
{
	struct access_job *const job = arg;

	return tx->ops->load(tx, job->kind, job->row);
}

static enum err save_row(struct tx *tx, void *arg)
{
	struct access_job *const job = arg;

	return tx->ops->save(tx, job->kind, job->input);
}

static enum err find_rows(struct tx *tx, void *arg)
{
	struct access_job *const job = arg;

	return store_find(tx, job->query, job->input, page_of(0, job->limit), job->row, &job->n);
}

/* Uses the inner store, which has no faults and no counters. */
static enum err transact_inner(
	struct app_fixture *fx, enum tx_kind kind, tx_work *work, struct access_job *job)
{
	return store_transact(fx->store.inner, kind, &fx->arena, work, job);
}

bool fixture_try_load(struct app_fixture *fx, enum record_kind kind, void *row)
{
	struct access_job job = { .kind = kind, .row = row };

	return transact_inner(fx, TX_READ, load_row, &job) == OK;
}

void fixture_load(struct app_fixture *fx, enum record_kind kind, void *row)
{
	assert_true(fixture_try_load(fx, kind, row));
}

void fixture_save(struct app_fixture *fx, enum record_kind kind, const void *row)
{
	struct access_job job = { .kind = kind, .input = row };

	assert_int_equal(transact_inner(fx, TX_WRITE, save_row, &job), OK);
}

size_t fixture_find(
	struct app_fixture *fx, enum query_kind query, const void *probe, void *rows, size_t limit)
{
	struct access_job job = { .query = query, .input = probe, .row = rows, .limit = limit };

	assert_int_equal(transact_inner(fx, TX_READ, find_rows, &job), OK);
	return job.n;
}

struct enrolment fixture_enrolment(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	struct enrolment enrolment = { .tenant_id = caller->tenant.id };
	const struct identifier identifier = identifier_from_text(email);
	struct address address;

	blind_index_of(&fx->world, caller->tenant.group_name, &identifier, &address.blind_index);
	fixture_load(fx, RECORD_ADDRESS, &address);
	enrolment.user_id = address.user_id;
	enrolment.blind_index = address.blind_index;
	fixture_load(fx, RECORD_ENROLMENT, &enrolment);
	return enrolment;
}

struct user fixture_user(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	struct user user = { .id = fixture_enrolment(fx, caller, email).user_id };

	fixture_load(fx, RECORD_USER, &user);
	return user;
}

static size_t find_sessions(struct app_fixture *fx, const struct caller *caller, const char *email,
	struct session *rows, size_t limit)
{
	const struct session probe = { .user_id = fixture_user(fx, caller, email).id };

	return fixture_find(fx, QUERY_SESSIONS_OF_USER, &probe, rows, limit);
}

struct session fixture_latest_session(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	struct session session;

	assert_int_equal(find_sessions(fx, caller, email, &session, 1), 1);
	return session;
}

size_t fixture_count_sessions(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	struct session *const rows = arena_array(&fx->arena, struct session, ROWS_MAX);

	assert_non_null(rows);
	return find_sessions(fx, caller, email, rows, ROWS_MAX);
}

void fixture_set_session_status(
	struct app_fixture *fx, const struct caller *caller, const char *email, enum session_status status)
{
	struct session session = fixture_latest_session(fx, caller, email);

	session.status = status;
	session.last_update_at = world_now(&fx->world);
	fixture_save(fx, RECORD_SESSION, &session);
}

int64_t fixture_quota_used(struct app_fixture *fx, const struct caller *caller, int64_t month)
{
	struct quota quota = { .tenant_id = caller->tenant.id, .month = month };

	return fixture_try_load(fx, RECORD_QUOTA, &quota) ? quota.used : 0;
}

size_t fixture_count_audit(struct app_fixture *fx, enum audit_action action)
{
	static const struct audit_entry since;
	struct audit_entry *const rows = arena_array(&fx->arena, struct audit_entry, ROWS_MAX);
	size_t n = 0;

	assert_non_null(rows);
	const size_t total = fixture_find(fx, QUERY_AUDIT_SINCE, &since, rows, ROWS_MAX);
	assert_true(total < ROWS_MAX);
	for (size_t i = 0; i < total; i++)
		n += rows[i].action == action;
	return n;
}
