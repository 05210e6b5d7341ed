/* A stranger claims an e-mail address for their wallet without proof that it is theirs. The claim must not
 * change any answer that the owner of the address gets, nor reveal anything of the owner to the stranger. The
 * test runs random sequences of steps three times, with both people, only the owner and only the stranger,
 * and compares the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define EVE "eve.exemplo@example.com"
#define STEPS 60
#define SEQUENCES 120

enum side { OWNER, STRANGER, BOTH };

/* One run of a sequence. */
struct sequence_run {
	struct app_fixture fx;
	struct caller shop;
	struct signing_wallet wallet;
	enum side present;
	char owner_otp[7];    /* the newest code sent to the owner */
	char stranger_otp[7]; /* the newest code that the stranger received at their own e-mail address */
};

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; text && *text; text++)
		hash = hash * 31 + (unsigned char)*text;
	return hash * 31;
}

static uint64_t hash_flags(uint64_t hash, const bool *flags, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = hash * 2 + flags[i];
	return hash;
}

/* Returns a hash of everything in the answer except ids, URLs and times, which differ between runs. */
static int64_t hash_status(struct person_status s)
{
	const bool flags[] = { s.approved, s.blocklisted, s.verified.email, s.verified.wallet,
		s.url.p != NULL };
	const uint64_t hash = hash_flags((uint64_t)s.result, flags, array_len(flags));

	return (int64_t)(hash_text(hash_text(hash_text(hash, s.status_name), s.session_status), s.last_code) %
			 1000000007);
}

static int64_t hash_prepared(const struct prepare_result *p)
{
	const bool flags[] = { p->already_prepared, p->verified.email, p->verified.wallet, p->kyc_approved };

	return (int64_t)(hash_text(hash_flags(0, flags, array_len(flags)), p->kyc_status) % 1000000007);
}

static void read_otp(struct sequence_run *s, char code[7])
{
	(void)fixture_deliver_outbox(&s->fx);
	memcpy(code, fixture_last_mail(&s->fx)->text, 6);
	code[6] = '\0';
}

/* Sets the status of the person's session; does nothing if the person has no session. */
static int64_t set_session_status(struct sequence_run *s, const char *address, enum session_status status)
{
	if (fixture_status(&s->fx, &s->shop, address).result != STATUS_RESULT_FOUND)
		return 0;
	fixture_set_session_status(&s->fx, &s->shop, address, status);
	return 1;
}

static int64_t owner_prepares(struct sequence_run *s)
{
	const struct prepare_result p = fixture_prepare(&s->fx, &s->shop, ANA);

	return hash_prepared(&p);
}
static int64_t owner_requests_otp(struct sequence_run *s)
{
	const struct send_result sent = fixture_send_otp(&s->fx, &s->shop, ANA);

	if (sent.verdict == SEND_QUEUED)
		read_otp(s, s->owner_otp);
	return (int64_t)sent.verdict * 100000000 + (sent.verdict == SEND_LIMITED ? sent.wait.ms : 0);
}
static int64_t owner_enters_otp(struct sequence_run *s)
{
	return fixture_verify_otp(&s->fx, &s->shop, ANA, s->owner_otp);
}
static int64_t owner_enters_wrong_otp(struct sequence_run *s)
{
	char wrong[7];

	wrong_otp_for(s->owner_otp, wrong);
	return fixture_verify_otp(&s->fx, &s->shop, ANA, wrong);
}
static int64_t owner_creates_session(struct sequence_run *s)
{
	const struct create_result c = fixture_create_session(&s->fx, &s->shop, ANA);

	return (int64_t)c.outcome * 2 + (c.url.p != NULL);
}
static int64_t owner_queries_status(struct sequence_run *s)
{
	return hash_status(fixture_status(&s->fx, &s->shop, ANA));
}
static int64_t owner_is_approved(struct sequence_run *s)
{
	return set_session_status(s, ANA, STATUS_APPROVED);
}
static int64_t owner_is_declined(struct sequence_run *s)
{
	return set_session_status(s, ANA, STATUS_DECLINED);
}

static int64_t stranger_claims_email(struct sequence_run *s)
{
	const struct prepare_wallet_result p = fixture_claim_email(&s->fx, &s->shop, &s->wallet, ANA);

	return hash_prepared(&p.prepared) * 16 + (int64_t)p.verdict * 2 + p.conflict;
}
static int64_t stranger_prepares_wallet(struct sequence_run *s)
{
	const struct prepare_wallet_result p = fixture_claim_email(&s->fx, &s->shop, &s->wallet, "");

	return hash_prepared(&p.prepared) * 16 + (int64_t)p.verdict * 2 + p.conflict;
}
static int64_t stranger_requests_link_otp(struct sequence_run *s)
{
	const struct send_result sent = fixture_send_link_otp(&s->fx, &s->shop, &s->wallet, ANA);
	char unseen_otp[7]; /* sent to the owner */

	if (sent.verdict == SEND_QUEUED)
		read_otp(s, unseen_otp);
	return (int64_t)sent.verdict * 100000000 + (sent.verdict == SEND_LIMITED ? sent.wait.ms : 0);
}
/* Enters a code that the stranger can know: one that was sent to the stranger's own e-mail address. */
static int64_t stranger_enters_other_otp(struct sequence_run *s)
{
	return fixture_verify_link_otp(&s->fx, &s->shop, &s->wallet, ANA, s->stranger_otp);
}
static int64_t stranger_guesses_otp(struct sequence_run *s)
{
	return fixture_verify_link_otp(&s->fx, &s->shop, &s->wallet, ANA, "12345");
}
static int64_t stranger_requests_own_otp(struct sequence_run *s)
{
	const struct prepare_wallet_result p = fixture_claim_email(&s->fx, &s->shop, &s->wallet, EVE);
	const struct send_result sent = fixture_send_link_otp(&s->fx, &s->shop, &s->wallet, EVE);

	if (sent.verdict == SEND_QUEUED)
		read_otp(s, s->stranger_otp);
	return hash_prepared(&p.prepared) * 16 + (int64_t)sent.verdict;
}
static int64_t stranger_creates_session(struct sequence_run *s)
{
	const struct create_result c = fixture_create_session(&s->fx, &s->shop, s->wallet.wallet.text);

	return (int64_t)c.outcome * 2 + (c.url.p != NULL);
}
static int64_t stranger_queries_status(struct sequence_run *s)
{
	return hash_status(fixture_status(&s->fx, &s->shop, s->wallet.wallet.text));
}
static int64_t stranger_queries_with_both(struct sequence_run *s)
{
	return hash_status(fixture_status_by_pair(&s->fx, &s->shop, ANA, s->wallet.wallet.text)) * 16 +
	       (int64_t)fixture_create_session_by_pair(&s->fx, &s->shop, ANA, s->wallet.wallet.text).outcome;
}
static int64_t stranger_is_approved(struct sequence_run *s)
{
	return set_session_status(s, s->wallet.wallet.text, STATUS_APPROVED);
}
static int64_t stranger_is_declined(struct sequence_run *s)
{
	return set_session_status(s, s->wallet.wallet.text, STATUS_DECLINED);
}

/* A step that is listed twice is twice as likely. */
static const struct step {
	const char *name;
	enum side side;
	int64_t (*run)(struct sequence_run *s);
} steps[] = {
	{ "owner prepares", OWNER, owner_prepares },
	{ "owner requests a code", OWNER, owner_requests_otp },
	{ "owner requests a code", OWNER, owner_requests_otp },
	{ "owner enters the code", OWNER, owner_enters_otp },
	{ "owner enters a wrong code", OWNER, owner_enters_wrong_otp },
	{ "owner creates a session", OWNER, owner_creates_session },
	{ "owner queries the status", OWNER, owner_queries_status },
	{ "owner is approved", OWNER, owner_is_approved },
	{ "owner is declined", OWNER, owner_is_declined },
	{ "stranger claims the owner's e-mail", STRANGER, stranger_claims_email },
	{ "stranger claims the owner's e-mail", STRANGER, stranger_claims_email },
	{ "stranger prepares the wallet alone", STRANGER, stranger_prepares_wallet },
	{ "stranger requests a link code", STRANGER, stranger_requests_link_otp },
	{ "stranger requests a link code", STRANGER, stranger_requests_link_otp },
	{ "stranger enters a code of another link", STRANGER, stranger_enters_other_otp },
	{ "stranger guesses a code", STRANGER, stranger_guesses_otp },
	{ "stranger requests a link code to their own e-mail", STRANGER, stranger_requests_own_otp },
	{ "stranger creates a session", STRANGER, stranger_creates_session },
	{ "stranger queries the status", STRANGER, stranger_queries_status },
	{ "stranger queries with both identifiers", STRANGER, stranger_queries_with_both },
	{ "stranger is approved", STRANGER, stranger_is_approved },
	{ "stranger is declined", STRANGER, stranger_is_declined },
};

static uint32_t next_random(uint32_t *random_state)
{
	*random_state = *random_state * 1664525U + 1013904223U;
	return *random_state >> 8;
}

static const int64_t pauses[] = { 0, 0, 1000, 20000, 60000, 400000, 600000, 3600000 };

/* Runs the sequence of that seed. Steps of a person who is not present are skipped. */
static void run_steps(struct sequence_run *s, uint32_t seed, int64_t answers[STEPS])
{
	uint32_t random_state = seed;

	for (size_t i = 0; i < STEPS; i++) {
		const struct step *const step = &steps[next_random(&random_state) % array_len(steps)];
		const int64_t pause = pauses[next_random(&random_state) % array_len(pauses)];

		fixture_advance_clock(&s->fx, milliseconds(pause));
		answers[i] = s->present == BOTH || s->present == step->side ? step->run(s) : 0;
	}
}

static void run_sequence(uint32_t seed, enum side present, int64_t answers[STEPS])
{
	struct sequence_run *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	fixture_open(&s->fx);
	s->shop = fixture_add_tenant(&s->fx, "shop", NULL, NO_QUOTA);
	s->wallet = signing_wallet_new(seed % 2 ? WALLET_EVM : WALLET_SOLANA, 0x33);
	s->present = present;
	memcpy(s->owner_otp, "123456", 7);
	memcpy(s->stranger_otp, "123456", 7);
	run_steps(s, seed, answers);
	fixture_close(&s->fx);
	free(s);
}

static void answers_do_not_depend_on_the_other_person(void **state)
{
	int64_t together[STEPS], alone[2][STEPS];
	size_t compared = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= SEQUENCES; seed++) {
		uint32_t random_state = seed;

		run_sequence(seed, BOTH, together);
		run_sequence(seed, OWNER, alone[OWNER]);
		run_sequence(seed, STRANGER, alone[STRANGER]);
		for (size_t i = 0; i < STEPS; i++) {
			const struct step *const step = &steps[next_random(&random_state) % array_len(steps)];

			(void)next_random(&random_state);
			if (together[i] != alone[step->side][i])
				fail_msg("seed %u, step %zu (%s): the answer depends on the other person",
					seed, i, step->name);
			compared++;
		}
	}
	assert_int_equal(compared, SEQUENCES * STEPS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_do_not_depend_on_the_other_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
