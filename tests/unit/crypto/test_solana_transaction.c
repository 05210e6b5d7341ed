#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/solana_transaction.h"

#define MAX 70000

/* A message being put together. */
struct made {
	char p[MAX];
	size_t n;
};

static void put(struct made *m, size_t many, int byte)
{
	assert_true(m->n + many <= MAX);
	memset(m->p + m->n, byte, many);
	m->n += many;
}

static void put_number(struct made *m, size_t number)
{
	for (; number >= 0x80; number >>= 7)
		put(m, 1, (int)(number & 0x7F) | 0x80);
	put(m, 1, (int)number);
}

struct plan {
	size_t keys, instructions, accounts, input, lookups;
};

static void make(struct made *m, const struct plan *plan, bool is_versioned)
{
	m->n = 0;
	if (is_versioned)
		put(m, 1, 0x80);
	put(m, 3, 1);
	put_number(m, plan->keys);
	put(m, 32 * plan->keys, 'k');
	put(m, 32, 'b');
	put_number(m, plan->instructions);
	for (size_t i = 0; i < plan->instructions; i++) {
		put(m, 1, 2);
		put_number(m, plan->accounts);
		put(m, plan->accounts, 0);
		put_number(m, plan->input);
		put(m, plan->input, 'i');
	}
	if (!is_versioned)
		return;
	put_number(m, plan->lookups);
	for (size_t i = 0; i < plan->lookups; i++) {
		put(m, 32, 't');
		put_number(m, 2);
		put(m, 2, 1);
		put_number(m, 1);
		put(m, 1, 3);
	}
}

static bool reads(const struct made *m, size_t n)
{
	return is_solana_transaction((struct str){ m->p, n });
}

static const struct {
	const char *name;
	struct plan plan;
} rows[] = {
	{ "empty", { 0, 0, 0, 0, 0 } },
	{ "no instruction", { 3, 0, 0, 0, 0 } },
	{ "a transfer", { 3, 1, 2, 12, 0 } },
	{ "a transfer with a table", { 3, 1, 2, 12, 1 } },
	{ "several", { 9, 5, 4, 30, 3 } },
	{ "a length of one byte, the largest", { 3, 1, 127, 127, 0 } },
	{ "a length of two bytes, the smallest", { 3, 1, 128, 128, 0 } },
	{ "a length of two bytes, the largest", { 3, 1, 3, 16383, 0 } },
	{ "a length of three bytes, the smallest", { 3, 1, 3, 16384, 0 } },
	{ "the largest length", { 3, 1, 3, 65535, 0 } },
};

static void assert_told(const char *name, struct made *m)
{
	const size_t step = m->n > 2000 ? 997 : 1;

	if (!reads(m, m->n))
		fail_msg("%s", name);
	for (size_t cut = 0; cut < m->n; cut += step)
		if (reads(m, cut))
			fail_msg("%s, cut at %zu", name, cut);
	if (reads(m, m->n - 1))
		fail_msg("%s, the last byte missing", name);
	put(m, 1, 0);
	if (reads(m, m->n))
		fail_msg("%s, a byte more", name);
}

/* From the first byte to the last: none less, none more. */
static void whole_messages_are_told(void **state maybe_unused)
{
	static struct made m;

	for (size_t i = 0; i < array_len(rows); i++) {
		make(&m, &rows[i].plan, false);
		assert_told(rows[i].name, &m);
		make(&m, &rows[i].plan, true);
		assert_told(rows[i].name, &m);
	}
}

/* 65536 needs three bytes too, but is no length; nor is what goes on after three. */
static void lengths_have_an_end(void **state maybe_unused)
{
	static const struct plan too_long = { 3, 1, 3, 65536, 0 };
	static struct made m;
	static const struct {
		size_t key_bytes;
		struct str length;
		bool is_one;
	} lengths[] = {
		{ 32, STR_INIT("\x01"), true },
		{ 32, STR_INIT("\x81\x00"),
			true }, /* longer than need be: for one to be careful with all the same */
		{ 32, STR_INIT("\x81\x80\x00"), true },
		{ 32, STR_INIT("\x81\x80\x80\x00"), false },
		{ 32, STR_INIT("\x81"), false },
		{ 0, STR_INIT("\x80\x80\x04"), false },
		{ 0, STR_INIT("\xFF\xFF\xFF"), false },
	};

	for (size_t i = 0; i < array_len(lengths); i++) {
		m.n = 0;
		put(&m, 3, 1);
		memcpy(m.p + m.n, lengths[i].length.p, lengths[i].length.n);
		m.n += lengths[i].length.n;
		put(&m, lengths[i].key_bytes + 32 + 1, 0);
		if (reads(&m, m.n) != lengths[i].is_one)
			fail_msg("row %zu", i);
	}
	make(&m, &too_long, false);
	assert_false(reads(&m, m.n));
}

static void texts_are_none(void **state maybe_unused)
{
	static const struct str texts[] = {
		STR_INIT(""),
		STR_INIT("k"),
		STR_INIT("kycd KYC verification\nWallet: Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew\n"),
		STR_INIT("StarkFi KYC verification\nWallet: 0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A\n"),
		STR_INIT("a\n\n\n"),
		STR_INIT("\xC3\x89l\xC3\xA9gant KYC verification\n"),
		STR_INIT("\xE9\xAA\x8C\xE8\xAF\x81 KYC verification\n"),
		STR_INIT("\xF0\x9F\xAA\xAA KYC verification\n"),
		STR_INIT("\xFFsolana offchain"),
	};

	for (size_t i = 0; i < array_len(texts); i++)
		if (is_solana_transaction(texts[i]))
			fail_msg("%.*s", STR_ARG(texts[i]));
}

/* Nobody knows how a later version goes on, and no UTF-8 begins with its first byte. */
static void later_versions_are_taken_for_one(void **state maybe_unused)
{
	for (int first = 0; first < 256; first++) {
		const char bytes[] = { (char)first, 'x', 'y' };

		assert_int_equal(is_solana_transaction((struct str){ bytes, sizeof(bytes) }),
			first > 0x80 && first < 0xC0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_messages_are_told),
		cmocka_unit_test(lengths_have_an_end),
		cmocka_unit_test(texts_are_none),
		cmocka_unit_test(later_versions_are_taken_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
