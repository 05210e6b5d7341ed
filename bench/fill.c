/* Fills a database with people, so that measurements can be taken among many: each of them prepared, proven
 * and approved, as the program itself writes them, with keys and seals of their own. It needs KYCD_DATABASE,
 * KYCD_SECRET_KEY and a tenant:
 *
 *   fill TENANT FROM TO       p0@people.example is the first of FROM 0
 *
 * Left out is what the cleaning takes away in time (letters, bodies of events) and five of the seven rows
 * that a person has in the trail: ten million people then fit a disk of 80 GB, with a backup and its trial
 * beside them. */
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

/* Nothing is promised to anybody: instead of a flush for each transaction the system writes when it likes. */
int fdatasync(int fd)
{
	(void)fd;
	return 0;
}
int fsync(int fd)
{
	return fdatasync(fd);
}

/* People in one transaction. */
#define BATCH 500

struct filling {
	const struct world *world;
	const struct caller *caller;
	long first, n;
};

/* What a decision of the provider's leaves with us. */
static const struct decision decision = {
	.ips = { { .fields = { STR_INIT("\"190.26.1.20\""), STR_INIT("\"Colombia\""),
			   STR_INIT("\"Antioquia\""), STR_INIT("\"Medellin\""), STR_INIT("\"mobile\""),
			   STR_INIT("\"Apple\""), STR_INIT("\"iPhone\""), STR_INIT("false"),
			   STR_INIT("false") } } },
	.n_ips = 1,
};

static enum err put_text(char *out, size_t size, struct str text)
{
	return str_copy_to(text, out, size) ? OK : ERR_INTERNAL;
}

/* As random as the provider's own, and as long. */
static enum err make_ref(const struct filling *f, struct provider_ref *out)
{
	unsigned char luck[16];

	TRY(world_random(f->world, luck, sizeof(luck)));
	for (size_t i = 0; i < sizeof(luck); i++)
		(void)snprintf(out->text + 2 * i, 3, "%02x", luck[i]);
	return OK;
}

/* The session's id stands already. */
static enum err seal_facts(const struct filling *f, struct tx *tx, const struct user *user, struct session *s)
{
	const struct sealed_field url = { "sessions", "url", s->id.text };
	const struct sealed_field told = { "sessions", "decision", s->id.text };
	const struct str link = STR("https://verify.didit.me/session/3FZ0aQyJmX2v");
	struct str kept;

	TRY(decision_write(&decision, tx->arena, &kept));
	TRY(user_seal(f->world, tx->arena, user, &url, link, &s->sealed_url));
	return user_seal(f->world, tx->arena, user, &told, kept, &s->sealed_decision);
}

static enum err add_session(const struct filling *f, struct tx *tx, struct user *user)
{
	const moment now = world_now(f->world);
	struct session s = {
		.user_id = user->id, .tenant_id = f->caller->tenant.id, .status = STATUS_APPROVED
	};

	s.created_at = s.provider_event_at = s.last_update_at = s.last_poll_at = now;
	s.quota_month = 1;
	TRY(store_load_user(tx, user));
	TRY(world_id(f->world, s.id.text));
	TRY(make_ref(f, &s.provider_ref));
	TRY(put_text(s.flow, sizeof(s.flow), STR("verify_public_kyc")));
	TRY(put_text(s.provider_version, sizeof(s.provider_version), STR("v3")));
	TRY(put_text(s.features, sizeof(s.features), STR("00000000-0000-4000-8000-000000000008@1")));
	TRY(put_text(s.instance_id.text, sizeof(s.instance_id.text), str_of(f->world->instance.text)));
	s.next_poll_at = session_next_poll_at(&s, f->world->rules->reconcile_after);
	TRY(seal_facts(f, tx, user, &s));
	return store_add_session(tx, &s);
}

static enum err add_person(const struct filling *f, struct tx *tx, long number)
{
	char email[64];
	struct prepare_result prepared;
	struct user user;

	(void)snprintf(email, sizeof(email), "p%ld@people.example", number);
	const struct prepare_params params = { .identifier = identifier_email(str_of(email)),
		.is_verified = true };
	TRY(app_prepare(f->world, tx, f->caller, &params, &prepared));
	user = (struct user){ .id = prepared.user };
	return prepared.already_prepared ? OK : add_session(f, tx, &user);
}

static enum err add_batch(struct tx *tx, void *arg)
{
	const struct filling *const f = arg;

	for (long i = 0; i < f->n; i++)
		TRY(add_person(f, tx, f->first + i));
	return OK;
}

static enum err fill(const struct runtime *runtime, const struct caller *caller, long from, long to)
{
	struct filling f = { &runtime->world, caller, from, 0 };
	struct arena call;
	enum err e = OK;

	arena_init(&call, (size_t)64 * 1024 * 1024);
	for (; f.first < to && e == OK; f.first += f.n) {
		f.n = to - f.first < BATCH ? to - f.first : BATCH;
		e = store_transact(runtime->world.store, TX_WRITE, &call, add_batch, &f);
		arena_reset(&call);
		if ((f.first + f.n) % 100000 == 0)
			fprintf(stderr, "# %ld people\n", f.first + f.n);
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
		fprintf(stderr, "fill TENANT FROM TO\n");
		return 2;
	}
	log_level_set(LOG_ERROR); /* a batch is a slow job */
	if (!compose_up(&runtime, &source, false))
		return 1;
	e = find_tenant(&runtime, argv[1], &caller);
	if (e == OK)
		e = fill(&runtime, &caller, strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
	if (e != OK)
		fprintf(stderr, "fill: %s\n", err_name(e));
	compose_down(&runtime);
	return e == OK ? 0 : 1;
}
