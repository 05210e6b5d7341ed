/* user erase: what goes, what stays, and what is on its way meanwhile. */
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

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"
#define PATIENCE seconds(20)

static const struct person_selector ana = { .identifier = { ADDRESS_EMAIL, STR_INIT(ANA) } };

static struct erasures *try_erase(
	struct app_fixture *fx, const struct person_selector *selector, bool really, enum err want)
{
	struct erasures *const out = arena_new(&fx->arena, struct erasures);

	assert_non_null(out);
	assert_int_equal(app_erase(&fx->world, &fx->arena, selector, really, out), want);
	return out;
}

static const struct erasure *erase(struct app_fixture *fx)
{
	const struct erasures *const all = try_erase(fx, &ana, true, OK);

	assert_int_equal(all->search.n, 1);
	return &all->list[0];
}

/* Proven, with an open session and a code that waits for the other tenant of the group. */
struct scene {
	struct caller shop, bank;
	struct user user;
	struct session session;
};

static struct scene scene(struct app_fixture *fx)
{
	struct scene s = { .shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA),
		.bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA) };

	fixture_verify_email(fx, &s.shop, ANA);
	fixture_verify_email(fx, &s.bank, BOB);
	assert_int_equal(fixture_create_session(fx, &s.shop, ANA).outcome, CREATED);
	(void)fixture_prepare(fx, &s.bank, ANA);
	fixture_advance_clock(fx, minutes(5));
	assert_int_equal(fixture_send_otp(fx, &s.bank, ANA).verdict, SEND_QUEUED);
	s.user = fixture_user(fx, &s.shop, ANA);
	s.session = fixture_latest_session(fx, &s.shop, ANA);
	return s;
}

static struct session session_now(struct app_fixture *fx, const struct scene *s)
{
	struct session row = { .id = s->session.id };

	fixture_load(fx, RECORD_SESSION, &row);
	return row;
}

static struct user user_now(struct app_fixture *fx, const struct scene *s)
{
	struct user row = { .id = s->user.id };

	fixture_load(fx, RECORD_USER, &row);
	return row;
}

/* No key, no address, no enrolment, no code, no sealed byte. */
static void assert_nothing_left(struct app_fixture *fx, const struct scene *s)
{
	struct address address = { .blind_index = s->user.blind_index };
	const struct digest none = { { 0 } };
	const struct effect letters = { .user_id = s->user.id, .kind = EFFECT_MAIL_CODE };
	struct effect effects[8];
	struct otp otps[] = { { .tenant_id = s->shop.tenant.id, .user_id = s->user.id },
		{ .tenant_id = s->bank.tenant.id, .user_id = s->user.id } };
	const struct user user = user_now(fx, s);
	const struct session session = session_now(fx, s);

	assert_true(user_is_erased(&user));
	assert_string_equal(user.language, "");
	assert_memory_equal(&user.blind_index, &none, sizeof(none));
	assert_false(fixture_try_load(fx, RECORD_ADDRESS, &address));
	for (size_t i = 0; i < array_len(otps); i++)
		assert_false(fixture_try_load(fx, RECORD_OTP, &otps[i]));
	assert_int_equal(session.sealed_url.n, 0);
	assert_int_equal(session.sealed_decision.n, 0);
	assert_int_equal(session.status, STATUS_EXPIRED);
	const size_t n = fixture_find(fx, QUERY_EFFECTS_OF_USER_SINCE, &letters, effects, array_len(effects));
	for (size_t i = 0; i < n; i++) {
		assert_true(effects[i].done);
		assert_int_equal(effects[i].sealed_payload.n, 0);
	}
}

static void all_that_is_personal_goes_and_the_rest_stays(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);
	const struct erasure *const counts = erase(fx);

	assert_int_equal(counts->addresses, 1);
	assert_int_equal(counts->tenants, 2);
	assert_int_equal(counts->codes, 2);
	assert_int_equal(counts->mails, 1);
	assert_int_equal(counts->sessions, 1);
	assert_true(str_eq(counts->provider_sessions, STR("scripted-1\n")));
	assert_nothing_left(fx, &s);
	assert_string_equal(session_now(fx, &s).provider_ref.text, "scripted-1");
	assert_int_equal(fixture_quota_used(fx, &s.shop, 202601), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_USER_ERASED), 1);
	assert_int_equal(try_erase(fx, &ana, true, OK)->search.verdict, PERSON_SEARCH_NOBODY);
	/* Nobody else's. */
	assert_true(fixture_prepare(fx, &s.bank, BOB).verified.email);
	assert_int_equal(fixture_create_session(fx, &s.bank, BOB).outcome, CREATED);
}

static void a_stranger_to_every_tenant_and_a_new_person_from_then_on(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);

	(void)erase(fx);
	assert_int_equal(fixture_status(fx, &s.shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(fixture_create_session(fx, &s.shop, ANA).outcome, CREATED_NOT_PREPARED);
	assert_int_equal(fixture_send_otp(fx, &s.bank, ANA).verdict, SEND_UNKNOWN_USER);
	assert_false(fixture_prepare(fx, &s.bank, ANA).already_prepared);
	assert_false(fixture_prepare(fx, &s.shop, ANA).already_prepared);
	assert_string_not_equal(fixture_user(fx, &s.shop, ANA).id.text, s.user.id.text);
	fixture_verify_email(fx, &s.shop, ANA);
	assert_int_equal(fixture_create_session(fx, &s.shop, ANA).outcome, CREATED);
}

static void who_is_declined_blocklisted_or_approved_keeps_that_word_alone(void **state)
{
	static const enum session_status finals[] = { STATUS_DECLINED, STATUS_APPROVED, STATUS_ABANDONED,
		STATUS_KYC_EXPIRED };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(finals); i++) {
		const struct scene s = scene(fx);
		struct session row = s.session;

		row.status = finals[i];
		row.blocklisted = true;
		fixture_save(fx, RECORD_SESSION, &row);
		assert_true(erase(fx)->blocklisted);
		assert_int_equal(session_now(fx, &s).status, finals[i]);
		assert_false(session_now(fx, &s).blocklisted);
		fixture_close(fx);
		fixture_open(fx);
	}
}

static void a_look_at_what_would_go_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);
	const size_t writes = atomic_load(&fx->store.writes);
	const struct erasures *const all = try_erase(fx, &ana, false, OK);

	assert_int_equal(atomic_load(&fx->store.writes), writes);
	assert_int_equal(all->list[0].mails, 1);
	assert_int_equal(all->list[0].sessions, 1);
	assert_false(user_is_erased(&(struct user){ .wrapped_key = user_now(fx, &s).wrapped_key }));
	assert_int_equal(session_now(fx, &s).status, STATUS_NOT_STARTED);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
}

static void what_fails_in_the_middle_erases_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);

	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	(void)try_erase(fx, &ana, true, ERR_STORAGE);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_memory_equal(user_now(fx, &s).wrapped_key.p, s.user.wrapped_key.p, s.user.wrapped_key.n);
	assert_int_equal(fixture_status(fx, &s.shop, ANA).result, STATUS_RESULT_FOUND);
	assert_int_equal(fixture_count_audit(fx, AUDIT_USER_ERASED), 0);
}

static void every_letter_that_waits_is_dropped(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);
	const size_t before = fx->mailer.n;

	/* More rows than are looked at in one go. */
	for (int i = 0; i < 70; i++) {
		struct effect letter = { .kind = EFFECT_MAIL_CODE,
			.tenant_id = s.bank.tenant.id,
			.user_id = s.user.id,
			.state = EFFECT_DEFERRED,
			.sealed_payload = STR("sealed"),
			.created_at = { FIXTURE_NOW + i },
			.due_at = { FIXTURE_NOW },
			.expires_at = { FIXTURE_NOW + days(1).ms } };

		(void)snprintf(letter.id.text, sizeof(letter.id.text), "%d", i);
		fixture_save(fx, RECORD_EFFECT, &letter);
	}
	assert_int_equal(erase(fx)->mails, 71);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(fx->mailer.n, before);
}

struct carrier {
	struct app_fixture *fx;
	struct arena arena;
	struct thread thread;
	enum err e;
	bool worked;
};

static void carry(void *arg)
{
	struct carrier *const c = arg;

	c->e = outbox_work(&c->fx->world, &c->arena, &c->worked);
}

static void a_letter_in_hand_is_not_marked_again(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);
	const struct enrolment with_bank = fixture_enrolment(fx, &s.bank, ANA);
	struct effect letter = { .id = with_bank.last_mail_id };
	struct carrier c = { .fx = fx };

	arena_init(&c.arena, ARENA_CALL_LIMIT);
	fixture_hold_mail(fx, true);
	fx->mailer.result = DELIVERY_DEFERRED;
	assert_int_equal(thread_start(&c.thread, carry, &c), OK);
	assert_true(fixture_wait_for_held_mail(fx, 1, PATIENCE));
	assert_int_equal(erase(fx)->mails, 1);
	fixture_hold_mail(fx, false);
	thread_join(&c.thread);
	assert_int_equal(c.e, OK);
	arena_finish(&c.arena);
	fixture_load(fx, RECORD_EFFECT, &letter);
	assert_int_equal(letter.state, EFFECT_DROPPED);
	assert_nothing_left(fx, &s);
}

struct customer {
	struct app_fixture *fx;
	const struct caller *caller;
	struct str language;
	struct arena arena;
	struct thread thread;
	struct create_result created;
	enum err e;
};

static void order(void *arg)
{
	struct customer *const c = arg;
	const struct create_params params = { c->caller, flow_find(STR("verify_public_kyc")),
		identifier_from_text(ANA), c->language, { 0 } };

	c->e = app_create_session(&c->fx->world, c->fx->single_flights, &c->arena, &params, &c->created);
}

/* Erased while the provider is asked: `fails` says how the provider answers. */
static void erase_in_flight(struct app_fixture *fx, const struct caller *shop, bool fails)
{
	struct customer c = { .fx = fx, .caller = shop, .language = STR("pt-BR") };

	arena_init(&c.arena, ARENA_CALL_LIMIT);
	fake_provider_hold_creates(fx->provider);
	assert_int_equal(thread_start(&c.thread, order, &c), OK);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, PATIENCE));
	assert_int_equal(erase(fx)->sessions, 1);
	if (fails)
		fake_provider_set_failure(fx->provider, PROVIDER_UNREACHABLE);
	fake_provider_release_creates(fx->provider);
	thread_join(&c.thread);
	assert_int_equal(c.e, OK);
	assert_int_equal(c.created.outcome, fails ? CREATED_FAILED : CREATED_NOT_PREPARED);
	assert_int_equal(c.created.url.n, 0);
	arena_finish(&c.arena);
}

static void a_session_that_comes_late_is_noted_closed_and_without_its_link(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct session rows[2];

	fixture_verify_email(fx, &shop, ANA);
	const struct session of_user = { .user_id = fixture_user(fx, &shop, ANA).id };
	erase_in_flight(fx, &shop, false);
	assert_int_equal(fixture_find(fx, QUERY_SESSIONS_OF_USER, &of_user, rows, 2), 1);
	assert_string_equal(rows[0].provider_ref.text, "scripted-1");
	assert_int_equal(rows[0].status, STATUS_EXPIRED);
	assert_int_equal(rows[0].sealed_url.n, 0);
	assert_int_equal(fixture_quota_used(fx, &shop, 202601), 1);
}

static void a_call_that_fails_meanwhile_gives_its_unit_back(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct session rows[2];

	fixture_verify_email(fx, &shop, ANA);
	const struct session of_user = { .user_id = fixture_user(fx, &shop, ANA).id };
	erase_in_flight(fx, &shop, true);
	assert_int_equal(fixture_find(fx, QUERY_SESSIONS_OF_USER, &of_user, rows, 2), 0);
	assert_int_equal(fixture_quota_used(fx, &shop, 202601), 0);
}

static void the_note_of_a_dead_instance_is_still_repaired(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);
	struct session pending = { .id = { "note" },
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

struct hearing {
	struct app_fixture *fx;
	struct provider_event event;
	struct provider_event_result result;
};

static enum err hear(struct tx *tx, void *arg)
{
	struct hearing *const h = arg;
	const struct actor actor = { .kind = ACTOR_PROVIDER };

	return provider_event_apply(&h->fx->world, tx, &actor, &h->event, false, &h->result);
}

static void an_event_that_comes_late_is_journaled_and_changes_nothing(void **state)
{
	static const enum session_status said[] = { STATUS_IN_PROGRESS, STATUS_APPROVED, STATUS_DECLINED };
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);

	(void)erase(fx);
	const struct session before = session_now(fx, &s);
	for (size_t i = 0; i < array_len(said); i++) {
		struct hearing h = { .fx = fx,
			.event = { .event_key = { { (unsigned char)(i + 1) } },
				.is_authenticated = true,
				.ref = s.session.provider_ref,
				.status_known = true,
				.status = said[i],
				.sent_at = moment_add(world_now(&fx->world), seconds(1)),
				.has_decision = true,
				.decision = { .blocklisted = true } } };
		struct provider_event_entry entry = { .event_key = h.event.event_key };

		assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, hear, &h), OK);
		assert_int_equal(h.result.verdict, PROVIDER_EVENT_RECORDED);
		fixture_load(fx, RECORD_PROVIDER_EVENT, &entry);
		assert_int_equal(entry.outcome, EVENT_OUTCOME_ERASED);
		const struct session now = session_now(fx, &s);
		assert_int_equal(now.status, before.status);
		assert_int_equal(now.last_update_at.ms, before.last_update_at.ms);
		assert_nothing_left(fx, &s);
		assert_false(now.blocklisted);
	}
}

static void bodies_of_events_go_and_their_notes_stay(void **state)
{
	enum { EVENTS = 11 };
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);
	struct provider_event_body rows[EVENTS + 1];
	const struct provider_event_body probe = { .session_id = s.session.id };

	for (size_t i = 0; i < EVENTS; i++) {
		struct hearing h = { .fx = fx,
			.event = { .event_key = { { (unsigned char)(i + 1) } },
				.raw = STR("{\"full_name\":\"Ana Exemplo\"}"),
				.is_authenticated = true,
				.ref = s.session.provider_ref,
				.sent_at = world_now(&fx->world) } };

		assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, hear, &h), OK);
	}
	assert_int_equal(fixture_find(fx, QUERY_EVENT_BODIES_OF_SESSION, &probe, rows, EVENTS + 1), EVENTS);
	(void)erase(fx);
	assert_int_equal(fixture_find(fx, QUERY_EVENT_BODIES_OF_SESSION, &probe, rows, EVENTS + 1), 0);
	for (size_t i = 0; i < EVENTS; i++)
		assert_true(fixture_try_load(fx, RECORD_PROVIDER_EVENT,
			&(struct provider_event_entry){ .event_key = { { (unsigned char)(i + 1) } } }));
	/* what comes later is noted, and its body is not kept */
	struct hearing late = { .fx = fx,
		.event = { .event_key = { { 99 } },
			.raw = STR("{}"),
			.is_authenticated = true,
			.ref = s.session.provider_ref,
			.sent_at = world_now(&fx->world) } };
	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, hear, &late), OK);
	assert_int_equal(late.result.outcome, EVENT_OUTCOME_ERASED);
	assert_int_equal(fixture_find(fx, QUERY_EVENT_BODIES_OF_SESSION, &probe, rows, EVENTS + 1), 0);
}

static void a_reading_that_comes_late_changes_nothing(void **state)
{
	static const struct session_snapshot approved = { .status = STATUS_APPROVED, .has_decision = true };
	static const struct actor actor = { .kind = ACTOR_PROVIDER };
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);
	enum provider_cause cause;
	struct return_redirect redirect;

	(void)erase(fx);
	fake_provider_set_snapshot(fx->provider, &approved);
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	assert_nothing_left(fx, &s);
	assert_int_equal(app_return(&fx->world, &fx->arena, STR("scripted-1"), &redirect), OK);
	assert_false(redirect.poll_now);
}

static void all_groups_are_erased_unless_one_is_named(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scene s = scene(fx);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	const struct person_selector alone = { identifier_from_text(ANA), STR("@lone") };

	(void)fixture_prepare(fx, &lone, ANA);
	assert_int_equal(try_erase(fx, &alone, true, OK)->search.n, 1);
	assert_true(fixture_prepare(fx, &s.shop, ANA).already_prepared);
	assert_false(fixture_prepare(fx, &lone, ANA).already_prepared);
	assert_int_equal(try_erase(fx, &ana, true, OK)->search.n, 2);
	assert_false(fixture_prepare(fx, &s.shop, ANA).already_prepared);
	assert_false(fixture_prepare(fx, &lone, ANA).already_prepared);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(all_that_is_personal_goes_and_the_rest_stays),
		TEST(a_stranger_to_every_tenant_and_a_new_person_from_then_on),
		TEST(who_is_declined_blocklisted_or_approved_keeps_that_word_alone),
		TEST(a_look_at_what_would_go_changes_nothing),
		TEST(what_fails_in_the_middle_erases_nothing),
		TEST(every_letter_that_waits_is_dropped),
		TEST(a_letter_in_hand_is_not_marked_again),
		TEST(a_session_that_comes_late_is_noted_closed_and_without_its_link),
		TEST(a_call_that_fails_meanwhile_gives_its_unit_back),
		TEST(the_note_of_a_dead_instance_is_still_repaired),
		TEST(an_event_that_comes_late_is_journaled_and_changes_nothing),
		TEST(bodies_of_events_go_and_their_notes_stay),
		TEST(a_reading_that_comes_late_changes_nothing),
		TEST(all_groups_are_erased_unless_one_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
