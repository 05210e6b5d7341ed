/* Fills a database with people for measurements on large databases. Each person is prepared, verified and
 * approved; the rows are written by kycd's own functions, with a separate key and sealed values for each
 * person. Needs KYCD_DATABASE, KYCD_SECRET_KEY and an existing tenant:
 *
 *   fill TENANT FROM TO       adds people FROM to TO - 1; person 0 is p0@people.example
 *
 * Omits the rows that the clean-up deletes in time (mail messages, bodies of provider events) and five of the
 * seven rows that a real person has in the audit log. So ten million people fit on a disk of 80 GB together
 * with a backup and its restored copy. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/admin/operator.h"
#include "app/enrolment/prepare.h"
#include "app/session/decision.h"
#include "base/log.h"
#include "main/daemon/compose.h"

/* Replace the C library's fdatasync() and fsync(), so that transactions are not flushed to disk: a database
 * that is lost in a crash can be filled again. */
int fdatasync(int fd)
{
	(void)fd;
	return 0;
}
int fsync(int fd)
{
	return fdatasync(fd);
}

/* People added per transaction. */
#define BATCH 500

struct fill_job {
	const struct world *world;
	const struct caller *caller;
	long first, n;
};

/* The part of a provider's decision that kycd stores, the same for every person. */
static const struct decision decision = {
	.ips = { { .fields = { STR_INIT("\"190.26.1.20\""), STR_INIT("\"Colombia\""),
			   STR_INIT("\"Antioquia\""), STR_INIT("\"Medellin\""), STR_INIT("\"mobile\""),
			   STR_INIT("\"Apple\""), STR_INIT("\"iPhone\""), STR_INIT("false"),
			   STR_INIT("false") } } },
	.n_ips = 1,
};

static enum err copy_text(char *out, size_t size, struct str text)
{
	return str_copy_to(text, out, size) ? OK : ERR_INTERNAL;
}

/* Makes a random provider session id, as long as a real one. */
static enum err make_provider_ref(const struct fill_job *job, struct provider_ref *out)
{
	unsigned char random[16];

	TRY(world_random(job->world, random, sizeof(random)));
	for (size_t i = 0; i < sizeof(random); i++)
		(void)snprintf(out->text + 2 * i, 3, "%02x", random[i]);
	return OK;
}

/* Encrypts the session's URL and decision. The encryption is bound to `s->id`, which must be set before. */
static enum err seal_session_fields(
	const struct fill_job *job, struct tx *tx, const struct user *user, struct session *s)
{
	const struct sealed_field url = { "sessions", "url", s->id.text };
	const struct sealed_field decision_field = { "sessions", "decision", s->id.text };
	const struct str url_text = STR("https://verify.didit.me/session/3FZ0aQyJmX2v");
	struct str decision_text;

	TRY(decision_write(&decision, tx->arena, &decision_text));
	TRY(user_seal(job->world, tx->arena, user, &url, url_text, &s->sealed_url));
	return user_seal(job->world, tx->arena, user, &decision_field, decision_text, &s->sealed_decision);
}

static enum err add_session(const struct fill_job *job, struct tx *tx, struct user *user)
{
	const moment now = world_now(job->world);
	struct session s = {
		.user_id = user->id, .tenant_id = job->caller->tenant.id, .status = STATUS_APPROVED
	};

	s.created_at = s.provider_event_at = s.last_update_at = s.last_poll_at = now;
	s.quota_month = 1;
	TRY(store_load_user(tx, user));
	TRY(world_id(job->world, s.id.text));
	TRY(make_provider_ref(job, &s.provider_ref));
	TRY(copy_text(s.flow, sizeof(s.flow), STR("verify_public_kyc")));
	TRY(copy_text(s.provider_version, sizeof(s.provider_version), STR("v3")));
	TRY(copy_text(s.features, sizeof(s.features), STR("00000000-0000-4000-8000-000000000008@1")));
	TRY(copy_text(s.instance_id.text, sizeof(s.instance_id.text), str_of(job->world->instance.text)));
	s.next_poll_at = session_next_poll_at(&s, job->world->rules->reconcile_after);
	TRY(seal_session_fields(job, tx, user, &s));
	return store_add_session(tx, &s);
}

static enum err add_person(const struct fill_job *job, struct tx *tx, long number)
{
	char email[64];
	struct prepare_result prepared;
	struct user user;

	(void)snprintf(email, sizeof(email), "p%ld@people.example", number);
	const struct prepare_params params = { .identifier = identifier_email(str_of(email)),
		.is_verified = true };
	TRY(app_prepare(job->world, tx, job->caller, &params, &prepared));
	user = (struct user){ .id = prepared.user };
	return prepared.already_prepared ? OK : add_session(job, tx, &user);
}

static enum err add_batch(struct tx *tx, void *arg)
{
	const struct fill_job *const job = arg;

	for (long i = 0; i < job->n; i++)
		TRY(add_person(job, tx, job->first + i));
	return OK;
}

static enum err fill_database(const struct runtime *runtime, const struct caller *caller, long from, long to)
{
	struct fill_job job = { &runtime->world, caller, from, 0 };
	struct arena call;
	enum err e = OK;

	arena_init(&call, (size_t)64 * 1024 * 1024);
	for (; job.first < to && e == OK; job.first += job.n) {
		job.n = to - job.first < BATCH ? to - job.first : BATCH;
		e = store_transact(runtime->world.store, TX_WRITE, &call, add_batch, &job);
		arena_reset(&call);
		if ((job.first + job.n) % 100000 == 0)
			fprintf(stderr, "# %ld people\n", job.first + job.n);
	}
	arena_finish(&call);
	return e;
}

static enum err find_tenant(const struct runtime *runtime, const char *name, struct caller *out)
{
	struct arena call;
	enum err e;

	arena_init(&call, ARENA_CALL_LIMIT);
	*out = (struct caller){ .actor = { .kind = ACTOR_KEY } };
	e = operator_find_tenant(&runtime->world, &call, str_of(name), &out->tenant);
	arena_finish(&call);
	return e;
}

int main(int argc, char **argv)
{
	const struct config_source source = { .need = NEED_STORE, .environment = environ };
	struct runtime runtime = { 0 };
	struct caller caller;
	enum err e;

	if (argc != 4) {
		fprintf(stderr, "usage: fill TENANT FROM TO\n");
		return 2;
	}
	log_level_set(LOG_ERROR); /* otherwise each batch would be logged as a slow transaction */
	if (!compose_up(&runtime, &source, false))
		return 1;
	e = find_tenant(&runtime, argv[1], &caller);
	if (e == OK)
		e = fill_database(&runtime, &caller, strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
	if (e != OK)
		fprintf(stderr, "fill: %s\n", err_name(e));
	compose_down(&runtime);
	return e == OK ? 0 : 1;
}
