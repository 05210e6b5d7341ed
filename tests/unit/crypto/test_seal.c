#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/seal.h"
#include "text/encode.h"

static const struct seal_place email_place = { "person", "email", STR_INIT("row-1") };
static const struct str plain = STR_INIT("ada@example.com");

static struct arena arena;
static struct secret_key key;
static unsigned char nonce[SEAL_NONCE_BYTES];

static int set_up(void **state maybe_unused)
{
	arena_init(&arena, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < sizeof(key.bytes); i++)
		key.bytes[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (unsigned char)(100 + i);
	return crypto_start() ? 0 : -1;
}

static int tear_down(void **state maybe_unused)
{
	arena_finish(&arena);
	return 0;
}

static struct str seal_plain(void)
{
	struct str sealed;

	assert_int_equal(seal_write(&arena, &key, &email_place, nonce, plain, &sealed), OK);
	return sealed;
}

/* Asserts that the value cannot be opened and that seal_read() wrote nothing. */
static void assert_refused(
	const char *name, const struct secret_key *with, const struct seal_place *place, struct str sealed)
{
	struct str out = STR("before");

	if (seal_read(&arena, with, place, sealed, &out) != ERR_INPUT)
		fail_msg("%s was not refused", name);
	assert_true(str_eq(out, STR("before")));
}

/* A sealed value is stored as version, nonce, cipher text and tag. Its associated data is the SHA-256 of the
 * version and of the place's parts, each with its length before it. The expected bytes were computed with
 * independent code. */
static void sealed_form_is_stable(void **state maybe_unused)
{
	char hex[2 * (15 + SEAL_OVERHEAD) + 1];
	const struct str sealed = seal_plain();

	assert_int_equal(sealed.n, plain.n + SEAL_OVERHEAD);
	hex_write((const unsigned char *)sealed.p, sealed.n, hex);
	assert_string_equal(hex,
		"016465666768696a6b6c6d6e6f707172737475767778797a7b1d1798f09a56e8eff75cf811c500d0d1"
		"042a0af6f224a6e032acc408dd40b9");
}

static void sealed_value_can_be_opened(void **state maybe_unused)
{
	static const struct str texts[] = { STR_INIT(""), STR_INIT("a"), STR_INIT("\0\1\2"),
		STR_INIT("Jos\xC3\xA9") };
	struct str sealed, out;

	for (size_t i = 0; i < array_len(texts); i++) {
		assert_int_equal(seal_write(&arena, &key, &email_place, nonce, texts[i], &sealed), OK);
		assert_int_equal(sealed.n, texts[i].n + SEAL_OVERHEAD);
		assert_int_equal(seal_read(&arena, &key, &email_place, sealed, &out), OK);
		assert_true(str_eq(out, texts[i]));
	}
}

static void value_with_one_changed_bit_is_refused(void **state maybe_unused)
{
	const struct str sealed = seal_plain();
	char *const changed = arena_bytes(&arena, sealed.n, 1);

	assert_non_null(changed);
	memcpy(changed, sealed.p, sealed.n);
	for (size_t bit = 0; bit < 8 * sealed.n; bit++) {
		changed[bit / 8] = (char)(changed[bit / 8] ^ (1 << bit % 8));
		assert_refused("one changed bit", &key, &email_place, (struct str){ changed, sealed.n });
		changed[bit / 8] = (char)(changed[bit / 8] ^ (1 << bit % 8));
	}
}

static void value_of_wrong_length_is_refused(void **state maybe_unused)
{
	const struct str sealed = seal_plain();
	char *const longer = arena_bytes(&arena, sealed.n + 1, 1);

	for (size_t n = 0; n < sealed.n; n++)
		assert_refused("truncated value", &key, &email_place, (struct str){ sealed.p, n });
	assert_non_null(longer);
	memcpy(longer, sealed.p, sealed.n);
	assert_refused("one extra byte", &key, &email_place, (struct str){ longer, sealed.n + 1 });
}

static void value_in_another_place_is_refused(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct seal_place place;
	} rows[] = {
		{ "other table", { "persons", "email", STR_INIT("row-1") } },
		{ "other column", { "person", "wallet", STR_INIT("row-1") } },
		{ "other row", { "person", "email", STR_INIT("row-2") } },
		{ "no row", { "person", "email", STR_INIT("") } },
		{ "longer row", { "person", "email", STR_INIT("row-1\0") } },
		{ "table and column swapped", { "email", "person", STR_INIT("row-1") } },
		{ "last byte of the table moved to the column", { "perso", "nemail", STR_INIT("row-1") } },
		{ "first byte of the row moved to the column", { "person", "emailr", STR_INIT("ow-1") } },
		{ "all parts in the table", { "personemailrow-1", "", STR_INIT("") } },
	};
	const struct str sealed = seal_plain();

	for (size_t i = 0; i < array_len(rows); i++)
		assert_refused(rows[i].name, &key, &rows[i].place, sealed);
}

static void value_is_refused_with_another_key(void **state maybe_unused)
{
	const struct str sealed = seal_plain();
	struct secret_key other = key;

	for (size_t i = 0; i < sizeof(other.bytes); i++) {
		other.bytes[i] ^= 1;
		assert_refused("another key", &other, &email_place, sealed);
		other.bytes[i] ^= 1;
	}
}

static void full_arena_gives_internal_error(void **state maybe_unused)
{
	const struct str sealed = seal_plain();
	struct str out = STR("before");
	struct arena tiny;

	arena_init(&tiny, 8);
	assert_int_equal(seal_write(&tiny, &key, &email_place, nonce, plain, &out), ERR_INTERNAL);
	assert_int_equal(seal_read(&tiny, &key, &email_place, sealed, &out), ERR_INTERNAL);
	assert_int_equal(
		seal_write(&tiny, &key, &email_place, nonce, (struct str){ plain.p, SIZE_MAX }, &out),
		ERR_INTERNAL);
	assert_true(str_eq(out, STR("before")));
	arena_finish(&tiny);
}

static void wrapped_key_can_be_unwrapped_only_in_its_place(void **state maybe_unused)
{
	static const struct seal_place place = { "keyring", "person", STR_INIT("1") };
	static const struct seal_place elsewhere = { "keyring", "index", STR_INIT("1") };
	unsigned char wrapped[WRAPPED_KEY_BYTES];
	const struct str text = { (const char *)wrapped, sizeof(wrapped) };
	struct secret_key inner, got;

	memset(inner.bytes, 0x5A, sizeof(inner.bytes));
	key_wrap(&key, &place, nonce, &inner, wrapped);
	assert_int_equal(key_unwrap(&key, &place, text, &got), OK);
	assert_memory_equal(&got, &inner, sizeof(got));

	memset(&got, 0x11, sizeof(got));
	const struct secret_key before = got;
	assert_int_equal(key_unwrap(&inner, &place, text, &got), ERR_INPUT);
	assert_int_equal(key_unwrap(&key, &elsewhere, text, &got), ERR_INPUT);
	assert_int_equal(key_unwrap(&key, &place, (struct str){ text.p, text.n - 1 }, &got), ERR_INPUT);
	assert_int_equal(key_unwrap(&key, &place, (struct str){ NULL, 0 }, &got), ERR_INPUT);
	for (size_t i = 0; i < sizeof(wrapped); i++) {
		wrapped[i] ^= 0x40;
		assert_int_equal(key_unwrap(&key, &place, text, &got), ERR_INPUT);
		wrapped[i] ^= 0x40;
	}
	assert_memory_equal(&got, &before, sizeof(got));
}

static void value_of_wrong_length_is_not_unwrapped(void **state maybe_unused)
{
	struct str sealed;
	struct secret_key got;

	assert_int_equal(seal_write(&arena, &key, &email_place, nonce, plain, &sealed), OK);
	assert_int_equal(key_unwrap(&key, &email_place, sealed, &got), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sealed_form_is_stable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sealed_value_can_be_opened, set_up, tear_down),
		cmocka_unit_test_setup_teardown(value_with_one_changed_bit_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(value_of_wrong_length_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(value_in_another_place_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(value_is_refused_with_another_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_arena_gives_internal_error, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			wrapped_key_can_be_unwrapped_only_in_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(value_of_wrong_length_is_not_unwrapped, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
