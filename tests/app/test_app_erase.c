/* app_erase: what is deleted, what is kept, and what happens to operations that run during the erasure or
 * complete after it. */
#include "app/admin/erase.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/mail/outbox.h"
#include "app/session/decision.h"
#include "app/session/pending_session.h"
#include "app/session/provider_event.h"
#include "app/session/return_redirect.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"
#define WAIT_LIMIT seconds(20)

static const struct person_selector ana = { .identifier = { ADDRESS_EMAIL, STR_INIT(ANA) } };

static struct erasures *try_erase(
	struct app_fixture *fx, const struct person_selector *selector, bool apply, enum err expected)
{
	struct erasures *const out = arena_new(&fx->arena, struct erasures);

	assert_non_null(out);
	assert_int_equal(app_erase(&fx->world, &fx->arena, &operator_actor, selector, apply, out), expected);
	return out;
}

static const struct erasure *erase(struct app_fixture *fx)
{
	const struct erasures *const erasures = try_erase(fx, &ana, true, OK);

	assert_int_equal(erasures->search.n, 1);
	return &erasures->list[0];
}

/* ANA is verified for `shop` and has an open session. For `bank`, of the same group, a code e-mail is queued.
 */
struct scenario {
	struct caller shop, bank;
	struct user user;
	struct session session;
};

static struct scenario scenario(struct app_fixture *fx)
{
	struct scenario s = { .shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA),
		.bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA) };

	fixture_verify_email(fx, &s.shop, ANA);
	fixture_verify_email(fx, &s.bank, BOB);
	assert_int_equal(fixture_create_session(fx, &s.shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	(void)fixture_prepare(fx, &s.bank, ANA);
	fixture_advance_clock(fx, minutes(5));
	assert_int_equal(fixture_send_otp(fx, &s.bank, ANA).verdict, SEND_QUEUED);
	s.user = fixture_user(fx, &s.shop, ANA);
	s.session = fixture_latest_session(fx, &s.shop, ANA);
	return s;
}

static struct session load_session(struct app_fixture *fx, const struct scenario *s)
{
	struct session row = { .id = s->session.id };

	fixture_load(fx, RECORD_SESSION, &row);
	return row;
}

static struct user load_user(struct app_fixture *fx, const struct scenario *s)
{
	struct user row = { .id = s->user.id };

	fixture_load(fx, RECORD_USER, &row);
	return row;
}

/* Asserts that the user has no key, address, code or encrypted data any more. */
static void assert_erased(struct app_fixture *fx, const struct scenario *s)
{
	struct address address = { .blind_index = s->user.blind_index };
	const struct digest zeros = { { 0 } };
	const struct effect mails = { .user_id = s->user.id, .kind = EFFECT_MAIL_CODE };
	struct effect effects[8];
	struct otp otps[] = { { .tenant_id = s->shop.tenant.id, .user_id = s->user.id },
		{ .tenant_id = s->bank.tenant.id, .user_id = s->user.id } };
	const struct user user = load_user(fx, s);
	const struct session session = load_session(fx, s);

	assert_true(user_is_erased(&user));
	assert_string_equal(user.language, "");
	assert_memory_equal(&user.blind_index, &zeros, sizeof(zeros));
	assert_false(fixture_try_load(fx, RECORD_ADDRESS, &address));
	for (size_t i = 0; i < array_len(otps); i++)
		assert_false(fixture_try_load(fx, RECORD_OTP, &otps[i]));
	assert_int_equal(session.sealed_url.n, 0);
	assert_int_equal(session.sealed_decision.n, 0);
	assert_int_equal(session.status, STATUS_EXPIRED);
	const size_t n = fixture_find(fx, QUERY_EFFECTS_OF_USER_SINCE, &mails, effects, array_len(effects));
	for (size_t i = 0; i < n; i++) {
		assert_true(effects[i].done);
		assert_int_equal(effects[i].sealed_payload.n, 0);
	}
}

static void assert_audit_says(struct app_fixture *fx, const struct user *user, const char *detail)
{
	struct audit_entry probe = { .id = { "" } }, rows[16];
	const struct audit_entry *erased = NULL;

	assert_true(str_copy_to(str_of(user->id.text), probe.subject, sizeof(probe.subject)));
	const size_t n = fixture_find(fx, QUERY_AUDIT_OF_SUBJECT, &probe, rows, array_len(rows));
	for (size_t i = 0; i < n; i++)
		if (rows[i].action == AUDIT_USER_ERASED)
			erased = &rows[i];
	assert_non_null(erased);
	assert_string_equal(erased->detail, detail);
}

static void personal_columns_are_wiped_and_the_rest_is_kept(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	const struct erasure *const counts = erase(fx);

	assert_int_equal(counts->addresses, 1);
	assert_int_equal(counts->tenants, 2);
	assert_int_equal(counts->codes, 2);
	assert_int_equal(counts->mails, 1);
	assert_int_equal(counts->sessions, 1);
	assert_true(str_eq(counts->provider_sessions, STR("scripted-1\n")));
	assert_erased(fx, &s);
	assert_string_equal(load_session(fx, &s).provider_ref.text, "scripted-1");
	assert_int_equal(fixture_quota_used(fx, &s.shop, 202601), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_USER_ERASED), 1);
	assert_audit_says(fx, &s.user, "addresses=1 sessions=1 links=0 notes=0");
	assert_int_equal(try_erase(fx, &ana, true, OK)->search.verdict, PERSON_SEARCH_NOBODY);
	/* Other people are not affected. */
	assert_true(fixture_prepare(fx, &s.bank, BOB).verified.email);
	assert_int_equal(fixture_create_session(fx, &s.bank, BOB).outcome, CREATE_OUTCOME_CREATED);
}

static void erased_person_is_unknown_and_can_enrol_anew(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);

	(void)erase(fx);
	assert_int_equal(fixture_status(fx, &s.shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(fixture_create_session(fx, &s.shop, ANA).outcome, CREATE_OUTCOME_NOT_PREPARED);
	assert_int_equal(fixture_send_otp(fx, &s.bank, ANA).verdict, SEND_UNKNOWN_USER);
	assert_false(fixture_prepare(fx, &s.bank, ANA).already_prepared);
	assert_false(fixture_prepare(fx, &s.shop, ANA).already_prepared);
	assert_string_not_equal(fixture_user(fx, &s.shop, ANA).id.text, s.user.id.text);
	fixture_verify_email(fx, &s.shop, ANA);
	assert_int_equal(fixture_create_session(fx, &s.shop, ANA).outcome, CREATE_OUTCOME_CREATED);
}

static void final_status_of_a_session_is_kept_without_blocklist_flag(void **state)
{
	static const enum session_status statuses[] = { STATUS_DECLINED, STATUS_APPROVED, STATUS_ABANDONED,
		STATUS_KYC_EXPIRED };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(statuses); i++) {
		const struct scenario s = scenario(fx);
		struct session row = s.session;

		row.status = statuses[i];
		row.blocklisted = true;
		fixture_save(fx, RECORD_SESSION, &row);
		assert_true(erase(fx)->blocklisted);
		assert_int_equal(load_session(fx, &s).status, statuses[i]);
		assert_false(load_session(fx, &s).blocklisted);
		fixture_close(fx);
		fixture_open(fx);
	}
}

static void dry_run_counts_and_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	const size_t writes = atomic_load(&fx->store.writes);
	const struct erasures *const erasures = try_erase(fx, &ana, false, OK);

	assert_int_equal(atomic_load(&fx->store.writes), writes);
	assert_int_equal(erasures->list[0].mails, 1);
	assert_int_equal(erasures->list[0].sessions, 1);
	assert_false(user_is_erased(&(struct user){ .wrapped_key = load_user(fx, &s).wrapped_key }));
	assert_int_equal(load_session(fx, &s).status, STATUS_NOT_STARTED);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
}

static void store_failure_erases_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);

	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	(void)try_erase(fx, &ana, true, ERR_STORAGE);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_memory_equal(load_user(fx, &s).wrapped_key.p, s.user.wrapped_key.p, s.user.wrapped_key.n);
	assert_int_equal(fixture_status(fx, &s.shop, ANA).result, STATUS_RESULT_FOUND);
	assert_int_equal(fixture_count_audit(fx, AUDIT_USER_ERASED), 0);
}

static void all_queued_mail_is_dropped(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	const size_t before = fx->mailer.n;

	/* Adds more rows than one query of the erasure returns. */
	for (int i = 0; i < 70; i++) {
		struct effect mail = { .kind = EFFECT_MAIL_CODE,
			.tenant_id = s.bank.tenant.id,
			.user_id = s.user.id,
			.state = EFFECT_DEFERRED,
			.sealed_payload = STR("sealed"),
			.created_at = { FIXTURE_NOW + i },
			.due_at = { FIXTURE_NOW },
			.expires_at = { FIXTURE_NOW + days(1).ms } };

		(void)snprintf(mail.id.text, sizeof(mail.id.text), "%d", i);
		fixture_save(fx, RECORD_EFFECT, &mail);
	}
	assert_int_equal(erase(fx)->mails, 71);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(fx->mailer.n, before);
}

struct delivery {
	struct app_fixture *fx;
	struct arena arena;
	struct thread thread;
	enum err e;
	bool worked;
};

static void deliver(void *arg)
{
	struct delivery *const c = arg;

	c->e = outbox_work(&c->fx->world, &c->arena, &c->worked);
}

static void mail_being_sent_stays_dropped_after_the_attempt(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	const struct enrolment bank_enrolment = fixture_enrolment(fx, &s.bank, ANA);
	struct effect mail = { .id = bank_enrolment.last_mail_id };
	struct delivery c = { .fx = fx };

	arena_init(&c.arena, ARENA_CALL_LIMIT);
	fixture_hold_mail(fx, true);
	fx->mailer.result = DELIVERY_DEFERRED;
	assert_int_equal(thread_start(&c.thread, deliver, &c), OK);
	assert_true(fixture_wait_for_held_mail(fx, 1, WAIT_LIMIT));
	assert_int_equal(erase(fx)->mails, 1);
	fixture_hold_mail(fx, false);
	thread_join(&c.thread);
	assert_int_equal(c.e, OK);
	arena_finish(&c.arena);
	fixture_load(fx, RECORD_EFFECT, &mail);
	assert_int_equal(mail.state, EFFECT_DROPPED);
	assert_erased(fx, &s);
}

struct request {
	struct app_fixture *fx;
	const struct caller *caller;
	struct str language;
	struct arena arena;
	struct thread thread;
	struct create_result created;
	enum err e;
};

static void run_create(void *arg)
{
	struct request *const c = arg;
	const struct create_params params = { c->caller, flow_find(STR("verify_public_kyc")),
		identifier_from_text(ANA), c->language, { 0 } };

	c->e = app_create_session(&c->fx->world, c->fx->single_flights, &c->arena, &params, &c->created);
}

/* Erases the person while a create request waits for the provider, whose call then succeeds or fails. */
static void erase_during_create(struct app_fixture *fx, const struct caller *shop, bool fails)
{
	struct request c = { .fx = fx, .caller = shop, .language = STR("pt-BR") };

	arena_init(&c.arena, ARENA_CALL_LIMIT);
	fake_provider_hold_creates(fx->provider);
	assert_int_equal(thread_start(&c.thread, run_create, &c), OK);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, WAIT_LIMIT));
	assert_int_equal(erase(fx)->sessions, 1);
	if (fails)
		fake_provider_set_failure(fx->provider, PROVIDER_UNREACHABLE);
	fake_provider_release_creates(fx->provider);
	thread_join(&c.thread);
	assert_int_equal(c.e, OK);
	assert_int_equal(c.created.outcome, fails ? CREATE_OUTCOME_FAILED : CREATE_OUTCOME_NOT_PREPARED);
	assert_int_equal(c.created.url.n, 0);
	arena_finish(&c.arena);
}

static void session_created_during_erasure_is_stored_expired_without_url(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct session rows[2];

	fixture_verify_email(fx, &shop, ANA);
	const struct session probe = { .user_id = fixture_user(fx, &shop, ANA).id };
	erase_during_create(fx, &shop, false);
	assert_int_equal(fixture_find(fx, QUERY_SESSIONS_OF_USER, &probe, rows, 2), 1);
	assert_string_equal(rows[0].provider_ref.text, "scripted-1");
	assert_int_equal(rows[0].status, STATUS_EXPIRED);
	assert_int_equal(rows[0].sealed_url.n, 0);
	assert_int_equal(fixture_quota_used(fx, &shop, 202601), 1);
}

static void create_that_fails_during_erasure_returns_its_quota_unit(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct session rows[2];

	fixture_verify_email(fx, &shop, ANA);
	const struct session probe = { .user_id = fixture_user(fx, &shop, ANA).id };
	erase_during_create(fx, &shop, true);
	assert_int_equal(fixture_find(fx, QUERY_SESSIONS_OF_USER, &probe, rows, 2), 0);
	assert_int_equal(fixture_quota_used(fx, &shop, 202601), 0);
}

static void pending_session_of_an_erased_person_is_released(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	struct session pending = { .id = { "pending" },
		.user_id = s.user.id,
		.tenant_id = s.shop.tenant.id,
		.status = STATUS_CREATING,
		.created_at = world_now(&fx->world),
		.next_poll_at = moment_add(world_now(&fx->world), pending_session_max_age(&fx->world)),
		.instance_id = { "another" },
		.quota_month = 202601 };

	fixture_save(fx, RECORD_SESSION, &pending);
	assert_int_equal(erase(fx)->sessions, 2);
	fixture_advance_clock(fx, pending_session_max_age(&fx->world));
	assert_int_equal(pending_session_repair_all(&fx->world, &fx->arena), OK);
	assert_false(fixture_try_load(fx, RECORD_SESSION, &pending));
	assert_int_equal(fixture_quota_used(fx, &s.shop, 202601), 0);
}

struct event_job {
	struct app_fixture *fx;
	struct provider_event event;
	struct provider_event_result result;
};

static enum err apply_event(struct tx *tx, void *arg)
{
	struct event_job *const h = arg;
	const struct actor actor = { .kind = ACTOR_PROVIDER };

	return provider_event_apply(&h->fx->world, tx, &actor, &h->event, false, &h->result);
}

static void event_after_erasure_is_stored_and_changes_nothing(void **state)
{
	static const enum session_status reported[] = { STATUS_IN_PROGRESS, STATUS_APPROVED,
		STATUS_DECLINED };
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);

	(void)erase(fx);
	const struct session before = load_session(fx, &s);
	for (size_t i = 0; i < array_len(reported); i++) {
		struct event_job h = { .fx = fx,
			.event = { .event_key = { { (unsigned char)(i + 1) } },
				.is_authenticated = true,
				.ref = s.session.provider_ref,
				.status_known = true,
				.status = reported[i],
				.sent_at = moment_add(world_now(&fx->world), seconds(1)),
				.has_decision = true,
				.decision = { .blocklisted = true } } };
		struct provider_event_entry entry = { .event_key = h.event.event_key };

		assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, apply_event, &h), OK);
		assert_int_equal(h.result.verdict, PROVIDER_EVENT_RECORDED);
		fixture_load(fx, RECORD_PROVIDER_EVENT, &entry);
		assert_int_equal(entry.outcome, EVENT_OUTCOME_ERASED);
		const struct session now = load_session(fx, &s);
		assert_int_equal(now.status, before.status);
		assert_int_equal(now.last_update_at.ms, before.last_update_at.ms);
		assert_erased(fx, &s);
		assert_false(now.blocklisted);
	}
}

static void event_bodies_are_deleted_and_their_rows_kept(void **state)
{
	enum { EVENTS = 11 };
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	struct provider_event_body rows[EVENTS + 1];
	const struct provider_event_body probe = { .session_id = s.session.id };

	for (size_t i = 0; i < EVENTS; i++) {
		struct event_job h = { .fx = fx,
			.event = { .event_key = { { (unsigned char)(i + 1) } },
				.raw = STR("{\"full_name\":\"Ana Exemplo\"}"),
				.is_authenticated = true,
				.ref = s.session.provider_ref,
				.sent_at = world_now(&fx->world) } };

		assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, apply_event, &h), OK);
	}
	assert_int_equal(fixture_find(fx, QUERY_EVENT_BODIES_OF_SESSION, &probe, rows, EVENTS + 1), EVENTS);
	(void)erase(fx);
	assert_int_equal(fixture_find(fx, QUERY_EVENT_BODIES_OF_SESSION, &probe, rows, EVENTS + 1), 0);
	for (size_t i = 0; i < EVENTS; i++)
		assert_true(fixture_try_load(fx, RECORD_PROVIDER_EVENT,
			&(struct provider_event_entry){ .event_key = { { (unsigned char)(i + 1) } } }));
	/* An event that arrives after the erasure is stored without its body. */
	struct event_job late = { .fx = fx,
		.event = { .event_key = { { 99 } },
			.raw = STR("{}"),
			.is_authenticated = true,
			.ref = s.session.provider_ref,
			.sent_at = world_now(&fx->world) } };
	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, apply_event, &late), OK);
	assert_int_equal(late.result.outcome, EVENT_OUTCOME_ERASED);
	assert_int_equal(fixture_find(fx, QUERY_EVENT_BODIES_OF_SESSION, &probe, rows, EVENTS + 1), 0);
}

static void poll_after_erasure_changes_nothing(void **state)
{
	static const struct session_snapshot approved = { .status = STATUS_APPROVED, .has_decision = true };
	static const struct actor actor = { .kind = ACTOR_PROVIDER };
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	enum provider_cause cause;
	struct return_redirect redirect;

	(void)erase(fx);
	fake_provider_set_snapshot(fx->provider, &approved);
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	assert_erased(fx, &s);
	assert_int_equal(app_return(&fx->world, &fx->arena, STR("scripted-1"), &redirect), OK);
	assert_false(redirect.poll_now);
}

static void person_is_erased_in_all_groups_unless_one_is_selected(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	const struct caller other_group = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	const struct person_selector other_selector = { .identifier = identifier_from_text(ANA),
		.group = STR("@lone") };

	(void)fixture_prepare(fx, &other_group, ANA);
	assert_int_equal(try_erase(fx, &other_selector, true, OK)->search.n, 1);
	assert_true(fixture_prepare(fx, &s.shop, ANA).already_prepared);
	assert_false(fixture_prepare(fx, &other_group, ANA).already_prepared);
	assert_int_equal(try_erase(fx, &ana, true, OK)->search.n, 2);
	assert_false(fixture_prepare(fx, &s.shop, ANA).already_prepared);
	assert_false(fixture_prepare(fx, &other_group, ANA).already_prepared);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(personal_columns_are_wiped_and_the_rest_is_kept),
		TEST(erased_person_is_unknown_and_can_enrol_anew),
		TEST(final_status_of_a_session_is_kept_without_blocklist_flag),
		TEST(dry_run_counts_and_changes_nothing),
		TEST(store_failure_erases_nothing),
		TEST(all_queued_mail_is_dropped),
		TEST(mail_being_sent_stays_dropped_after_the_attempt),
		TEST(session_created_during_erasure_is_stored_expired_without_url),
		TEST(create_that_fails_during_erasure_returns_its_quota_unit),
		TEST(pending_session_of_an_erased_person_is_released),
		TEST(event_after_erasure_is_stored_and_changes_nothing),
		TEST(event_bodies_are_deleted_and_their_rows_kept),
		TEST(poll_after_erasure_changes_nothing),
		TEST(person_is_erased_in_all_groups_unless_one_is_selected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
