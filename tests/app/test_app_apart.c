/* A stranger's wallet names somebody's e-mail. Whatever either of them does, before, during or after the
 * owner's own verification, each hears what they would hear if the other one were not there: nothing is read,
 * inherited, lent or blocked by a claim. Told by comparing three worlds, for many made-up stories. */
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
#define STORIES 120

enum side { OWNER, STRANGER, BOTH };

/* One person's way through one world. */
struct stage {
	struct app_fixture fx;
	struct caller shop;
	struct signing_wallet wallet;
	enum side present;
	char own[7];  /* the owner's newest code */
	char pair[7]; /* what the stranger has read: codes of letters to themselves */
};

static uint64_t mix(uint64_t all, const char *word)
{
	for (; word && *word; word++)
		all = all * 31 + (unsigned char)*word;
	return all * 31;
}

static uint64_t mix_flags(uint64_t all, const bool *flags, size_t n)
{
	for (size_t i = 0; i < n; i++)
		all = all * 2 + flags[i];
	return all;
}

/* All that one hears of a status but ids, links and times, which differ between worlds by their making. */
static int64_t heard(struct person_status s)
{
	const bool flags[] = { s.approved, s.blocklisted, s.verified.email, s.verified.wallet,
		s.url.p != NULL };
	const uint64_t all = mix_flags((uint64_t)s.result, flags, array_len(flags));

	return (int64_t)(mix(mix(mix(all, s.word), s.session_status), s.last_code) % 1000000007);
}

static int64_t said(const struct prepare_result *p)
{
	const bool flags[] = { p->already_prepared, p->verified.email, p->verified.wallet, p->kyc_approved };

	return (int64_t)(mix(mix_flags(0, flags, array_len(flags)), p->kyc_status) % 1000000007);
}

static void read_letter(struct stage *s, char code[7])
{
	(void)fixture_deliver_outbox(&s->fx);
	memcpy(code, fixture_last_mail(&s->fx)->text, 6);
	code[6] = '\0';
}

/* Only with a session of their own. */
static int64_t decide(struct stage *s, const char *address, enum session_status status)
{
	if (fixture_status(&s->fx, &s->shop, address).result != STATUS_RESULT_FOUND)
		return 0;
	fixture_set_session_status(&s->fx, &s->shop, address, status);
	return 1;
}

static int64_t owner_prepares(struct stage *s)
{
	const struct prepare_result p = fixture_prepare(&s->fx, &s->shop, ANA);

	return said(&p);
}
static int64_t owner_sends(struct stage *s)
{
	const struct send_result sent = fixture_send_otp(&s->fx, &s->shop, ANA);

	if (sent.verdict == SEND_QUEUED)
		read_letter(s, s->own);
	return (int64_t)sent.verdict * 100000000 + (sent.verdict == SEND_LIMITED ? sent.wait.ms : 0);
}
static int64_t owner_types(struct stage *s)
{
	return fixture_verify_otp(&s->fx, &s->shop, ANA, s->own);
}
static int64_t owner_mistypes(struct stage *s)
{
	char wrong[7];

	wrong_otp_for(s->own, wrong);
	return fixture_verify_otp(&s->fx, &s->shop, ANA, wrong);
}
static int64_t owner_creates(struct stage *s)
{
	const struct create_result c = fixture_create_session(&s->fx, &s->shop, ANA);

	return (int64_t)c.outcome * 2 + (c.url.p != NULL);
}
static int64_t owner_asks(struct stage *s)
{
	return heard(fixture_status(&s->fx, &s->shop, ANA));
}
static int64_t owner_is_approved(struct stage *s)
{
	return decide(s, ANA, STATUS_APPROVED);
}
static int64_t owner_is_declined(struct stage *s)
{
	return decide(s, ANA, STATUS_DECLINED);
}

static int64_t stranger_claims(struct stage *s)
{
	const struct prepare_wallet_result p = fixture_claim_email(&s->fx, &s->shop, &s->wallet, ANA);

	return said(&p.prepared) * 16 + (int64_t)p.verdict * 2 + p.conflict;
}
static int64_t stranger_signs(struct stage *s)
{
	const struct prepare_wallet_result p = fixture_claim_email(&s->fx, &s->shop, &s->wallet, "");

	return said(&p.prepared) * 16 + (int64_t)p.verdict * 2 + p.conflict;
}
static int64_t stranger_sends(struct stage *s)
{
	const struct send_result sent = fixture_send_link_otp(&s->fx, &s->shop, &s->wallet, ANA);
	char unread[7];

	if (sent.verdict == SEND_QUEUED)
		read_letter(s, unread);
	return (int64_t)sent.verdict * 100000000 + (sent.verdict == SEND_LIMITED ? sent.wait.ms : 0);
}
/* A code that the stranger can know: of a pair with an e-mail of their own. */
static int64_t stranger_types(struct stage *s)
{
	return fixture_verify_link_otp(&s->fx, &s->shop, &s->wallet, ANA, s->pair);
}
static int64_t stranger_guesses(struct stage *s)
{
	return fixture_verify_link_otp(&s->fx, &s->shop, &s->wallet, ANA, "12345");
}
static int64_t stranger_has_a_code(struct stage *s)
{
	const struct prepare_wallet_result p = fixture_claim_email(&s->fx, &s->shop, &s->wallet, EVE);
	const struct send_result sent = fixture_send_link_otp(&s->fx, &s->shop, &s->wallet, EVE);

	if (sent.verdict == SEND_QUEUED)
		read_letter(s, s->pair);
	return said(&p.prepared) * 16 + (int64_t)sent.verdict;
}
static int64_t stranger_creates(struct stage *s)
{
	const struct create_result c = fixture_create_session(&s->fx, &s->shop, s->wallet.wallet.text);

	return (int64_t)c.outcome * 2 + (c.url.p != NULL);
}
static int64_t stranger_asks(struct stage *s)
{
	return heard(fixture_status(&s->fx, &s->shop, s->wallet.wallet.text));
}
static int64_t stranger_asks_by_both(struct stage *s)
{
	return heard(fixture_status_by_pair(&s->fx, &s->shop, ANA, s->wallet.wallet.text)) * 16 +
	       (int64_t)fixture_create_session_by_pair(&s->fx, &s->shop, ANA, s->wallet.wallet.text).outcome;
}
static int64_t stranger_is_approved(struct stage *s)
{
	return decide(s, s->wallet.wallet.text, STATUS_APPROVED);
}
static int64_t stranger_is_declined(struct stage *s)
{
	return decide(s, s->wallet.wallet.text, STATUS_DECLINED);
}

static const struct move {
	const char *name;
	enum side side;
	int64_t (*act)(struct stage *s);
} moves[] = {
	{ "owner prepares", OWNER, owner_prepares },
	{ "owner has a code sent", OWNER, owner_sends },
	{ "owner has a code sent", OWNER, owner_sends },
	{ "owner types it", OWNER, owner_types },
	{ "owner mistypes it", OWNER, owner_mistypes },
	{ "owner creates", OWNER, owner_creates },
	{ "owner asks", OWNER, owner_asks },
	{ "owner is approved", OWNER, owner_is_approved },
	{ "owner is declined", OWNER, owner_is_declined },
	{ "stranger claims", STRANGER, stranger_claims },
	{ "stranger claims", STRANGER, stranger_claims },
	{ "stranger signs", STRANGER, stranger_signs },
	{ "stranger has a code sent", STRANGER, stranger_sends },
	{ "stranger has a code sent", STRANGER, stranger_sends },
	{ "stranger types another pair's", STRANGER, stranger_types },
	{ "stranger guesses", STRANGER, stranger_guesses },
	{ "stranger has a code of their own", STRANGER, stranger_has_a_code },
	{ "stranger creates", STRANGER, stranger_creates },
	{ "stranger asks", STRANGER, stranger_asks },
	{ "stranger asks by both", STRANGER, stranger_asks_by_both },
	{ "stranger is approved", STRANGER, stranger_is_approved },
	{ "stranger is declined", STRANGER, stranger_is_declined },
};

static uint32_t roll(uint32_t *luck)
{
	*luck = *luck * 1664525U + 1013904223U;
	return *luck >> 8;
}

static const int64_t pauses[] = { 0, 0, 1000, 20000, 60000, 400000, 600000, 3600000 };

/* The same story in each world, told by its seed; who is not there does nothing. */
static void tell(struct stage *s, uint32_t seed, int64_t answers[STEPS])
{
	uint32_t luck = seed;

	for (size_t i = 0; i < STEPS; i++) {
		const struct move *const move = &moves[roll(&luck) % array_len(moves)];
		const int64_t pause = pauses[roll(&luck) % array_len(pauses)];

		fixture_advance_clock(&s->fx, milliseconds(pause));
		answers[i] = s->present == BOTH || s->present == move->side ? move->act(s) : 0;
	}
}

static void live(uint32_t seed, enum side present, int64_t answers[STEPS])
{
	struct stage *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	fixture_open(&s->fx);
	s->shop = fixture_add_tenant(&s->fx, "shop", NULL, NO_QUOTA);
	s->wallet = signing_wallet_new(seed % 2 ? WALLET_EVM : WALLET_SOLANA, 0x33);
	s->present = present;
	memcpy(s->own, "123456", 7);
	memcpy(s->pair, "123456", 7);
	tell(s, seed, answers);
	fixture_close(&s->fx);
	free(s);
}

static void each_hears_what_they_would_hear_alone(void **state)
{
	int64_t together[STEPS], alone[2][STEPS];
	size_t compared = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= STORIES; seed++) {
		uint32_t luck = seed;

		live(seed, BOTH, together);
		live(seed, OWNER, alone[OWNER]);
		live(seed, STRANGER, alone[STRANGER]);
		for (size_t i = 0; i < STEPS; i++) {
			const struct move *const move = &moves[roll(&luck) % array_len(moves)];

			(void)roll(&luck);
			if (together[i] != alone[move->side][i])
				fail_msg("story %u, step %zu: %s hears another thing", seed, i, move->name);
			compared++;
		}
	}
	assert_int_equal(compared, STORIES * STEPS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_hears_what_they_would_hear_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
