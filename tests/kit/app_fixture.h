/* The fixture for tests of use cases and endpoints: a `struct world` whose clock, random generator, store,
 * mailer and identity provider are fakes that the test controls. The rules are the defaults of the
 * configuration. A fixture function that performs a step fails the test if the step does not succeed.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/core/caller.h"
#include "app/enrolment/email_otp.h"
#include "app/enrolment/link_otp.h"
#include "app/enrolment/prepare.h"
#include "app/enrolment/prepare_wallet.h"
#include "app/session/create.h"
#include "app/session/status.h"
#include "base/arena.h"
#include "base/lock.h"
#include "crypto/keys.h"
#include "domain/rules.h"
#include "kit/signing_wallet.h"
#include "port/mailer.h"
#include "port/provider.h"
#include "port/store.h"
#include "port/world.h"

/* The time at which every test starts, in milliseconds: Monday, 5 January 2026, 10:05:00 UTC. */
#define FIXTURE_NOW INT64_C(1767607500000)

struct fake_clock {
	struct clock base;
	_Atomic int64_t now, ticks; /* wall clock and monotonic clock, in milliseconds */
	/* Whenever the monotonic clock is read, `now_step` is added to `now` and `ticks_step` to `ticks`. */
	_Atomic int64_t now_step, ticks_step;
};

/* Returns different bytes at every call, and the same sequence in every run. */
struct fake_random {
	struct random base;
	atomic_size_t calls;
	atomic_size_t calls_before_failure; /* number of calls that still succeed; at 0 every call fails */
	atomic_size_t all_ones_calls; /* number of calls for 8 bytes that still return only 0xff bytes */
	/* If set, every call for one byte, which is how jitter is drawn, returns the middle of its range. */
	atomic_bool no_jitter;
};

enum store_fault {
	STORE_FAULT_NONE,
	STORE_FAULT_BEFORE_WORK, /* transactions fail without running their work */
	STORE_FAULT_AFTER_WORK,	 /* transactions run their work, roll it back and fail */
};

/* Wraps the memory store: counts transactions and makes them fail on demand. */
struct faulty_store {
	struct store base;
	struct store *inner;
	atomic_size_t reads, writes;
	_Atomic(enum store_fault) fault;
	/* Number of transactions that still succeed although `fault` is set; counts down. */
	atomic_size_t transactions_before_fault;
	bool unready;
};

#define FAKE_MAILER_CAPACITY 256

struct captured_mail {
	char *to, *subject, *text, *html, *message_id;
	char *content_id;    /* of the picture; empty: none */
	size_t picture_size; /* in bytes */
	moment date, sent_at;
};

/* Stores the messages it receives and returns the result that the test has set. */
struct fake_mailer {
	struct mailer base;
	struct clock *clock;
	struct lock lock;
	struct cond changed;
	enum delivery_result result; /* what `send` returns */
	struct mail_report report;   /* of `send` and `probe`; without a reason: "fake" and nothing else */
	struct captured_mail messages[FAKE_MAILER_CAPACITY];
	size_t n;
	bool holding;	   /* calls of `send` wait while it is set */
	size_t waiting;	   /* calls of `send` that wait */
	bool probe_result; /* what `probe` returns */
	size_t probes;	   /* calls of `probe` */
};

struct app_fixture {
	struct fake_clock clock;
	struct fake_random random;
	struct faulty_store store;
	struct fake_mailer mailer;
	struct provider *provider; /* kit/fake_provider.h */
	struct single_flights *single_flights;
	struct keys keys;
	struct rules rules;
	struct world world;
	struct arena arena; /* holds everything that fixture functions return */
};

void fixture_open(struct app_fixture *fx);
void fixture_close(struct app_fixture *fx);
/* Set-up and tear-down functions for cmocka: `*state` is a struct app_fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Advances the wall clock and the monotonic clock. */
void fixture_advance_clock(struct app_fixture *fx, duration by);
/* While `hold` is true, calls of the mailer wait, but at most 20 s, so that a broken test ends too. */
void fixture_hold_mail(struct app_fixture *fx, bool hold);
/* Sleeps until at least `waiting` calls of the mailer wait; returns false after `limit`. */
bool fixture_wait_for_held_mail(struct app_fixture *fx, size_t waiting, duration limit);
/* Returns the newest message given to the mailer; fails the test if there is none. */
const struct captured_mail *fixture_last_mail(struct app_fixture *fx);

/* Adds a tenant to the group; `group` NULL: to a group of its own. Returns a caller that represents the
 * tenant's API key. */
struct caller fixture_add_tenant(struct app_fixture *fx, const char *name, const char *group, int64_t quota);
void fixture_set_quota(struct app_fixture *fx, const char *tenant, int64_t quota);

/* Reads an e-mail address if the text contains "@", else a wallet address in normalised form.
 * fixture_create_session, fixture_status and the functions that load a person's rows convert their parameter
 * `email` with this function, so they accept a wallet address too. */
struct identifier identifier_from_text(const char *text);
struct prepare_result fixture_prepare(struct app_fixture *fx, const struct caller *caller, const char *email);
struct send_result fixture_send_otp(struct app_fixture *fx, const struct caller *caller, const char *email);
enum verify_verdict fixture_verify_otp(
	struct app_fixture *fx, const struct caller *caller, const char *email, const char *code);
/* Requests a challenge for the wallet and returns its text. */
struct str fixture_challenge(
	struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *wallet);
/* Calls prepare-wallet with this challenge text and signature. */
struct prepare_wallet_result fixture_answer_challenge(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, struct str message, const char *signature);
/* Calls challenge and prepare-wallet, so that the wallet is verified for the caller's tenant. */
void fixture_verify_wallet(
	struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *wallet);
/* Delivers every outbox row that is due; returns their number. */
size_t fixture_deliver_outbox(struct app_fixture *fx);
/* Calls send-otp, delivers the e-mail and copies its code to `code`. Requires that codes have six digits. */
void fixture_get_otp(struct app_fixture *fx, const struct caller *caller, const char *email, char code[7]);
/* Writes a well-formed code that differs from `code`. */
void wrong_otp_for(const char code[7], char other[7]);
/* Calls prepare, send-otp and verify-otp, so that the e-mail address is verified for the caller's tenant. */
void fixture_verify_email(struct app_fixture *fx, const struct caller *caller, const char *email);

struct create_result fixture_create_session(
	struct app_fixture *fx, const struct caller *caller, const char *email);
struct person_status fixture_status(struct app_fixture *fx, const struct caller *caller, const char *email);

/* The following functions access rows directly (kit/fixture_rows.c): no use case runs, no fault applies, and
 * nothing is counted. */

/* The caller has set the key columns of `row`; the others are loaded. If the row does not exist, fixture_load
 * fails the test and fixture_try_load returns false. */
void fixture_load(struct app_fixture *fx, enum record_kind kind, void *row);
bool fixture_try_load(struct app_fixture *fx, enum record_kind kind, void *row);
void fixture_save(struct app_fixture *fx, enum record_kind kind, const void *row);
size_t fixture_find(
	struct app_fixture *fx, enum query_kind query, const void *probe, void *rows, size_t limit);
struct user fixture_user(struct app_fixture *fx, const struct caller *caller, const char *email);
/* Returns the person's newest session; fails the test if there is none. */
struct session fixture_latest_session(struct app_fixture *fx, const struct caller *caller, const char *email);
size_t fixture_count_sessions(struct app_fixture *fx, const struct caller *caller, const char *email);
struct enrolment fixture_enrolment(struct app_fixture *fx, const struct caller *caller, const char *email);
/* Sets the status of the person's newest session, as if the provider had reported it now. */
void fixture_set_session_status(
	struct app_fixture *fx, const struct caller *caller, const char *email, enum session_status status);
int64_t fixture_quota_used(struct app_fixture *fx, const struct caller *caller, int64_t month);
/* Returns the number of audit entries with this action. */
size_t fixture_count_audit(struct app_fixture *fx, enum audit_action action);

/* The following functions link a wallet and an e-mail address (kit/fixture_links.c). */

/* Calls prepare-wallet with an e-mail address. The wallet signs a new challenge for it. */
struct prepare_wallet_result fixture_claim_email(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email);
/* Call send-otp and verify-otp with the wallet and the e-mail address together. */
struct send_result fixture_send_link_otp(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email);
enum verify_verdict fixture_verify_link_otp(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email, const char *code);
/* As fixture_get_otp. */
void fixture_get_link_otp(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email, char code[7]);
/* Calls prepare-wallet, send-otp and verify-otp, so that the wallet and the e-mail address belong to one
 * person. */
void fixture_link(struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *wallet,
	const char *email);
/* Call create and status with the e-mail address and the wallet address together. */
struct create_result fixture_create_session_by_pair(
	struct app_fixture *fx, const struct caller *caller, const char *email, const char *wallet);
struct person_status fixture_status_by_pair(
	struct app_fixture *fx, const struct caller *caller, const char *email, const char *wallet);

/* The following functions read events (kit/fixture_events.c). They list the events of a tenant that have no
 * position yet, in the order in which they will get it. */

struct fixture_events {
	struct event rows[128];
	struct str json[128]; /* what the feed shows */
	size_t n;
};
struct fixture_events *fixture_events(struct app_fixture *fx, const struct caller *caller);
/* Returns the names of the types, separated by spaces. */
const char *fixture_event_types(struct app_fixture *fx, const struct caller *caller);
/* Returns the JSON of the newest event of the type; fails the test if there is none. */
const char *fixture_event(struct app_fixture *fx, const struct caller *caller, enum event_type type);
/* Fails the test unless the newest event of the type contains each of the texts, up to a NULL. */
void fixture_event_contains(struct app_fixture *fx, const struct caller *caller, enum event_type type, ...);
/* Makes the provider report the status for the person's newest session, and polls it. */
void fixture_poll_status(
	struct app_fixture *fx, const struct caller *caller, const char *email, enum session_status status);
/* Sets the reference of an enrolment, as `prepare` does. */
void fixture_set_reference(
	struct app_fixture *fx, const struct caller *caller, const char *email, const char *reference);
