#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/seal.h"
#include "text/encode.h"

static const struct seal_place home = { "person", "email", STR_INIT("row-1") };
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

static struct str sealed_home(void)
{
	struct str sealed;

	assert_int_equal(seal_write(&arena, &key, &home, nonce, plain, &sealed), OK);
	return sealed;
}

/* Fails when it can be read, or when a refusal left a trace. */
static void assert_refused(
	const char *name, const struct secret_key *with, const struct seal_place *place, struct str sealed)
{
	struct str out = STR("before");

	if (seal_read(&arena, with, place, sealed, &out) != ERR_INPUT)
		fail_msg("%s was not refused", name);
	assert_true(str_eq(out, STR("before")));
}

/* The form of what lies in databases: version, nonce, cipher text, tag; the associated bytes are SHA-256 of
 * the version and the length-led place. Worked out with other code. */
static void sealed_form_stays(void **state maybe_unused)
{
	char hex[2 * (15 + SEAL_OVERHEAD) + 1];
	const struct str sealed = sealed_home();

	assert_int_equal(sealed.n, plain.n + SEAL_OVERHEAD);
	hex_write((const unsigned char *)sealed.p, sealed.n, hex);
	assert_string_equal(hex,
		"016465666768696a6b6c6d6e6f707172737475767778797a7b1d1798f09a56e8eff75cf811c500d0d1"
		"042a0af6f224a6e032acc408dd40b9");
}

static void sealed_is_read_again(void **state maybe_unused)
{
	static const struct str texts[] = { STR_INIT(""), STR_INIT("a"), STR_INIT("\0\1\2"),
		STR_INIT("Jos\xC3\xA9") };
	struct str sealed, out;

	for (size_t i = 0; i < array_len(texts); i++) {
		assert_int_equal(seal_write(&arena, &key, &home, nonce, texts[i], &sealed), OK);
		assert_int_equal(sealed.n, texts[i].n + SEAL_OVERHEAD);
		assert_int_equal(seal_read(&arena, &key, &home, sealed, &out), OK);
		assert_true(str_eq(out, texts[i]));
	}
}

static void every_bit_counts(void **state maybe_unused)
{
	const struct str sealed = sealed_home();
	char *const changed = arena_bytes(&arena, sealed.n, 1);

	assert_non_null(changed);
	memcpy(changed, sealed.p, sealed.n);
	for (size_t bit = 0; bit < 8 * sealed.n; bit++) {
		changed[bit / 8] = (char)(changed[bit / 8] ^ (1 << bit % 8));
		assert_refused("a changed bit", &key, &home, (struct str){ changed, sealed.n });
		changed[bit / 8] = (char)(changed[bit / 8] ^ (1 << bit % 8));
	}
}

static void every_length_counts(void **state maybe_unused)
{
	const struct str sealed = sealed_home();
	char *const longer = arena_bytes(&arena, sealed.n + 1, 1);

	for (size_t n = 0; n < sealed.n; n++)
		assert_refused("a cut text", &key, &home, (struct str){ sealed.p, n });
	assert_non_null(longer);
	memcpy(longer, sealed.p, sealed.n);
	assert_refused("one byte more", &key, &home, (struct str){ longer, sealed.n + 1 });
}

static void it_is_bound_to_its_place(void **state maybe_unused)
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
		{ "border moved left", { "perso", "nemail", STR_INIT("row-1") } },
		{ "border moved right", { "person", "emailr", STR_INIT("ow-1") } },
		{ "all in the table", { "personemailrow-1", "", STR_INIT("") } },
	};
	const struct str sealed = sealed_home();

	for (size_t i = 0; i < array_len(rows); i++)
		assert_refused(rows[i].name, &key, &rows[i].place, sealed);
}

static void it_is_bound_to_every_byte_of_the_key(void **state maybe_unused)
{
	const struct str sealed = sealed_home();
	struct secret_key other = key;

	for (size_t i = 0; i < sizeof(other.bytes); i++) {
		other.bytes[i] ^= 1;
		assert_refused("another key", &other, &home, sealed);
		other.bytes[i] ^= 1;
	}
}

static void a_full_arena_is_told_apart(void **state maybe_unused)
{
	const struct str sealed = sealed_home();
	struct str out = STR("before");
	struct arena tiny;

	arena_init(&tiny, 8);
	assert_int_equal(seal_write(&tiny, &key, &home, nonce, plain, &out), ERR_INTERNAL);
	assert_int_equal(seal_read(&tiny, &key, &home, sealed, &out), ERR_INTERNAL);
	assert_int_equal(
		seal_write(&tiny, &key, &home, nonce, (struct str){ plain.p, SIZE_MAX }, &out), ERR_INTERNAL);
	assert_true(str_eq(out, STR("before")));
	arena_finish(&tiny);
}

static void a_key_is_wrapped_and_unwrapped(void **state maybe_unused)
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

static void a_value_of_another_length_is_no_key(void **state maybe_unused)
{
	struct str sealed;
	struct secret_key got;

	assert_int_equal(seal_write(&arena, &key, &home, nonce, plain, &sealed), OK);
	assert_int_equal(key_unwrap(&key, &home, sealed, &got), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sealed_form_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sealed_is_read_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_bit_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_length_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_bound_to_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_bound_to_every_byte_of_the_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_arena_is_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_is_wrapped_and_unwrapped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_value_of_another_length_is_no_key, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
