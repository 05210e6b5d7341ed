#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/solana_transaction.h"

#define MAX 70000

/* A buffer for assembling the message of a transaction. */
struct message {
	char p[MAX];
	size_t n;
};

static void append_bytes(struct message *m, size_t many, int byte)
{
	assert_true(m->n + many <= MAX);
	memset(m->p + m->n, byte, many);
	m->n += many;
}

static void append_number(struct message *m, size_t number)
{
	for (; number >= 0x80; number >>= 7)
		append_bytes(m, 1, (int)(number & 0x7F) | 0x80);
	append_bytes(m, 1, (int)number);
}

struct layout {
	size_t keys, instructions, accounts, input, lookups;
};

static void build_message(struct message *m, const struct layout *layout, bool is_versioned)
{
	m->n = 0;
	if (is_versioned)
		append_bytes(m, 1, 0x80);
	append_bytes(m, 3, 1);
	append_number(m, layout->keys);
	append_bytes(m, 32 * layout->keys, 'k');
	append_bytes(m, 32, 'b');
	append_number(m, layout->instructions);
	for (size_t i = 0; i < layout->instructions; i++) {
		append_bytes(m, 1, 2);
		append_number(m, layout->accounts);
		append_bytes(m, layout->accounts, 0);
		append_number(m, layout->input);
		append_bytes(m, layout->input, 'i');
	}
	if (!is_versioned)
		return;
	append_number(m, layout->lookups);
	for (size_t i = 0; i < layout->lookups; i++) {
		append_bytes(m, 32, 't');
		append_number(m, 2);
		append_bytes(m, 2, 1);
		append_number(m, 1);
		append_bytes(m, 1, 3);
	}
}

static bool is_recognised_at(const struct message *m, size_t n)
{
	return is_solana_transaction((struct str){ m->p, n });
}

static const struct {
	const char *name;
	struct layout layout;
} rows[] = {
	{ "empty", { 0, 0, 0, 0, 0 } },
	{ "no instructions", { 3, 0, 0, 0, 0 } },
	{ "a transfer", { 3, 1, 2, 12, 0 } },
	{ "a transfer with an address table", { 3, 1, 2, 12, 1 } },
	{ "several instructions", { 9, 5, 4, 30, 3 } },
	{ "largest length of one byte", { 3, 1, 127, 127, 0 } },
	{ "smallest length of two bytes", { 3, 1, 128, 128, 0 } },
	{ "largest length of two bytes", { 3, 1, 3, 16383, 0 } },
	{ "smallest length of three bytes", { 3, 1, 3, 16384, 0 } },
	{ "largest length of three bytes", { 3, 1, 3, 65535, 0 } },
};

static void assert_recognised_only_whole(const char *name, struct message *m)
{
	const size_t step = m->n > 2000 ? 997 : 1;

	if (!is_recognised_at(m, m->n))
		fail_msg("%s", name);
	for (size_t cut = 0; cut < m->n; cut += step)
		if (is_recognised_at(m, cut))
			fail_msg("%s, truncated to %zu bytes", name, cut);
	if (is_recognised_at(m, m->n - 1))
		fail_msg("%s, last byte missing", name);
	append_bytes(m, 1, 0);
	if (is_recognised_at(m, m->n))
		fail_msg("%s, one extra byte", name);
}

/* The complete message is recognised; a truncated or longer one is not. */
static void complete_messages_are_recognised(void **state maybe_unused)
{
	static struct message m;

	for (size_t i = 0; i < array_len(rows); i++) {
		build_message(&m, &rows[i].layout, false);
		assert_recognised_only_whole(rows[i].name, &m);
		build_message(&m, &rows[i].layout, true);
		assert_recognised_only_whole(rows[i].name, &m);
	}
}

/* A length above 65535, or one that is encoded in more than three bytes, is not valid. */
static void lengths_over_16_bits_are_refused(void **state maybe_unused)
{
	static const struct layout too_long = { 3, 1, 3, 65536, 0 };
	static struct message m;
	static const struct {
		size_t key_bytes;
		struct str length;
		bool is_recognised;
	} lengths[] = {
		{ 32, STR_INIT("\x01"), true },
		{ 32, STR_INIT("\x81\x00"), true }, /* a longer encoding than needed is recognised too */
		{ 32, STR_INIT("\x81\x80\x00"), true },
		{ 32, STR_INIT("\x81\x80\x80\x00"), false },
		{ 32, STR_INIT("\x81"), false },
		{ 0, STR_INIT("\x80\x80\x04"), false },
		{ 0, STR_INIT("\xFF\xFF\xFF"), false },
	};

	for (size_t i = 0; i < array_len(lengths); i++) {
		m.n = 0;
		append_bytes(&m, 3, 1);
		memcpy(m.p + m.n, lengths[i].length.p, lengths[i].length.n);
		m.n += lengths[i].length.n;
		append_bytes(&m, lengths[i].key_bytes + 32 + 1, 0);
		if (is_recognised_at(&m, m.n) != lengths[i].is_recognised)
			fail_msg("row %zu", i);
	}
	build_message(&m, &too_long, false);
	assert_false(is_recognised_at(&m, m.n));
}

static void texts_are_not_transactions(void **state maybe_unused)
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

/* The format of later versions is unknown, but UTF-8 text cannot begin with their first byte. */
static void later_versions_count_as_transactions(void **state maybe_unused)
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
		cmocka_unit_test(complete_messages_are_recognised),
		cmocka_unit_test(lengths_over_16_bits_are_refused),
		cmocka_unit_test(texts_are_not_transactions),
		cmocka_unit_test(later_versions_count_as_transactions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
