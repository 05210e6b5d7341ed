/* A world for tests of use cases and endpoints: clock, luck, store, mailer and provider under the test's
 * thumb, rules as interface.md 2 has them by default. A step that must go well and does not fails the test.
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
#include "kit/signer.h"
#include "port/mailer.h"
#include "port/provider.h"
#include "port/store.h"
#include "port/world.h"

/* Monday, 5 January 2026, 10:05:00 UTC. */
#define KIT_NOW INT64_C(1767607500000)

struct kit_clock {
	struct clock base;
	_Atomic int64_t now, ticks;
	/* Added to each hand whenever somebody looks at the ticks. */
	_Atomic int64_t now_step, ticks_step;
};

/* Different bytes at every call, the same in every run. */
struct kit_random {
	struct random base;
	atomic_size_t calls;
	atomic_size_t good; /* calls that still succeed */
	atomic_size_t ones; /* so many of the calls for 8 bytes give 0xff throughout */
};

/* What the next transactions meet. */
enum kit_fault { KIT_NO_FAULT, KIT_BEFORE_WORK, KIT_AFTER_WORK };

/* Around the memory store: counts, and fails on demand. */
struct kit_store {
	struct store base;
	struct store *inner;
	atomic_size_t reads, writes;
	_Atomic(enum kit_fault) fault;
	atomic_size_t spared; /* so many transactions go well before the fault, which then stays */
	bool unready;
};

#define KIT_LETTERS 256

struct kit_letter {
	char *to, *subject, *text, *html, *message_id;
	moment date, sent;
};

/* Keeps what it was handed, and does with it as it is told. */
struct kit_mailer {
	struct mailer base;
	struct clock *clock;
	struct lock lock;
	struct cond changed;
	enum delivery_result result;
	struct kit_letter letters[KIT_LETTERS];
	size_t n;
	bool holding;
	size_t waiting;
	bool willing; /* what it says when it is asked */
	size_t asked;
};

struct kit {
	struct kit_clock clock;
	struct kit_random random;
	struct kit_store store;
	struct kit_mailer mailer;
	struct provider *provider; /* scripted */
	struct single_flights *single_flights;
	struct keys keys;
	struct rules rules;
	struct world world;
	struct arena arena;
};

void kit_open(struct kit *kit);
void kit_close(struct kit *kit);
/* For cmocka: `*state` is a struct kit. */
int kit_setup(void **state);
int kit_teardown(void **state);

/* Both hands of the clock go on. */
void kit_wait(struct kit *kit, duration s);
/* The mailer keeps letters in hand until released. */
void kit_hold_letters(struct kit *kit, bool hold);
bool kit_await_letters(struct kit *kit, size_t waiting, duration limit);
/* The last letter handed over; fails the test when there is none. */
const struct kit_letter *kit_last_letter(struct kit *kit);

/* A tenant alone in its group (`group` NULL) or in that one. */
struct caller kit_tenant(struct kit *kit, const char *name, const char *group, int64_t quota);
void kit_set_quota(struct kit *kit, const char *tenant, int64_t quota);

/* What all that follows takes an address as: an e-mail, or a wallet in its normal form. */
struct identifier kit_who(const char *address);
struct prepare_result kit_prepare(struct kit *kit, const struct caller *caller, const char *email);
struct send_result kit_send(struct kit *kit, const struct caller *caller, const char *email);
enum verify_verdict kit_verify(
	struct kit *kit, const struct caller *caller, const char *email, const char *code);
/* A challenge for that wallet, in the kit's memory; and its answer. */
struct str kit_challenge(struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet);
struct prepare_wallet_result kit_answer(struct kit *kit, const struct caller *caller,
	const struct kit_wallet *wallet, struct str message, const char *signature);
/* challenge, prepare-wallet */
void kit_prove_wallet(struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet);
/* Hands over what is due; how many rows were worked on. */
size_t kit_carry(struct kit *kit);
/* Asks for a code and gives what the letter says; for this call only the codes of six digits. */
void kit_new_code(struct kit *kit, const struct caller *caller, const char *email, char code[7]);
/* Another code than that one, well-formed. */
void kit_other_code(const char code[7], char other[7]);
/* prepare, send-otp, verify-otp */
void kit_prove(struct kit *kit, const struct caller *caller, const char *email);

struct create_result kit_create(struct kit *kit, const struct caller *caller, const char *email);
struct person_status kit_status(struct kit *kit, const struct caller *caller, const char *email);

/* Rows, past all use cases. */
void kit_load(struct kit *kit, enum record_kind kind, void *row);
bool kit_has(struct kit *kit, enum record_kind kind, void *row);
void kit_save(struct kit *kit, enum record_kind kind, const void *row);
size_t kit_find(struct kit *kit, enum query_kind query, const void *probe, void *rows, size_t limit);
struct user kit_user(struct kit *kit, const struct caller *caller, const char *email);
/* The newest row of a person; fails when there is none. */
struct session kit_session(struct kit *kit, const struct caller *caller, const char *email);
size_t kit_sessions(struct kit *kit, const struct caller *caller, const char *email);
struct enrolment kit_enrolment(struct kit *kit, const struct caller *caller, const char *email);
/* Changes the newest session's status, as if heard now. */
void kit_decide(struct kit *kit, const struct caller *caller, const char *email, enum session_status status);
int64_t kit_quota_used(struct kit *kit, const struct caller *caller, int64_t month);
/* How many rows of the trail name this act. */
size_t kit_acts(struct kit *kit, enum audit_action action);

/* Links (kit/linking.c). prepare-wallet with an e-mail: the wallet's owner signs a fresh challenge. */
struct prepare_wallet_result kit_claim(
	struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet, const char *email);
/* send-otp and verify-otp of the pair. */
struct send_result kit_send_pair(
	struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet, const char *email);
enum verify_verdict kit_verify_pair(struct kit *kit, const struct caller *caller,
	const struct kit_wallet *wallet, const char *email, const char *code);
/* As kit_new_code. */
void kit_new_pair_code(struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet,
	const char *email, char code[7]);
/* claim, send-otp, verify-otp: one person */
void kit_join(
	struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet, const char *email);
/* create and status by both addresses. */
struct create_result kit_create_both(
	struct kit *kit, const struct caller *caller, const char *email, const char *wallet);
struct person_status kit_status_both(
	struct kit *kit, const struct caller *caller, const char *email, const char *wallet);
