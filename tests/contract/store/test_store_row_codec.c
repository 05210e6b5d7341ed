/* Tests how rows are encoded as bytes (store/copy/row_codec.h): sizes, type checks against a table, and
 * checksums. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "crypto/digest.h"
#include "store/copy/row_codec.h"

struct test_row {
	char name[4];
	int64_t number;
	int kind;
	bool used;
	char digest[3];
	struct str bytes;
};

static const struct column columns[] = {
	{ "name", COLUMN_ID, 0, 4 },
	{ "number", COLUMN_INT, 0, 8 },
	{ "kind", COLUMN_ENUM, 0, sizeof(int) },
	{ "used", COLUMN_FLAG, 0, 1 },
	{ "digest", COLUMN_DIGEST, 0, 3 },
	{ "bytes", COLUMN_BYTES, 0, sizeof(struct str) },
};
static const struct record test_record = { "things", sizeof(struct test_row), columns, array_len(columns), 1,
	NULL };

static struct str encode_row(
	struct row_buf *b, struct str name, int64_t kind, int64_t used, struct str digest)
{
	row_encode_begin(b, array_len(columns));
	row_encode_bytes(b, name);
	row_encode_number(b, INT64_MIN);
	row_encode_number(b, kind);
	row_encode_number(b, used);
	row_encode_bytes(b, digest);
	row_encode_bytes(b, STR(""));
	assert_false(b->failed);
	return (struct str){ b->p, b->n };
}

static void encoding_equals_postgresql_binary_copy(void **state)
{
	static const char expected[] = "\0\2\0\0\0\2ab\0\0\0\10\377\377\377\377\377\377\377\376";
	struct row_buf b = { .p = NULL };

	(void)state;
	row_encode_begin(&b, 2);
	row_encode_bytes(&b, STR("ab"));
	row_encode_number(&b, -2);
	assert_int_equal(b.n, sizeof(expected) - 1);
	assert_memory_equal(b.p, expected, b.n);
	row_encode_finish(&b);
}

static void truncated_row_is_rejected(void **state)
{
	struct row_buf b = { .p = NULL };
	const struct str t = encode_row(&b, STR("abc"), 1, 0, STR("123"));
	size_t size = 0;

	(void)state;
	for (size_t n = 0; n < t.n; n++) {
		char exact[256];

		memcpy(exact + sizeof(exact) - n, t.p, n);
		assert_false(row_encoded_size((struct str){ exact + sizeof(exact) - n, n }, &size));
	}
	assert_true(row_encoded_size(t, &size));
	assert_int_equal(size, t.n);
	row_encode_finish(&b);
}

static void size_excludes_the_following_row(void **state)
{
	static const struct str two_rows = { "\0\1\0\0\0\1a\0\1\377\377\377\377", 13 };
	size_t size = 0;

	(void)state;
	assert_true(row_encoded_size(two_rows, &size));
	assert_int_equal(size, 7);
	assert_true(row_encoded_size(str_from(two_rows, size), &size));
	assert_int_equal(size, 6);
}

static void row_must_fit_the_columns(void **state)
{
	static const struct {
		struct str name;
		int64_t kind, used;
		struct str digest;
		const char *bad; /* column that does not fit; NULL: the row fits */
	} rows[] = {
		{ STR_INIT("abc"), 1, 1, STR_INIT("123"), NULL },
		{ STR_INIT(""), INT_MAX, 0, STR_INIT("123"), NULL },
		{ STR_INIT("\xc3\xa9"), INT_MIN, 0, STR_INIT("\0\0\0"), NULL },
		{ STR_INIT("abcd"), 1, 1, STR_INIT("123"), "name" },
		{ STR_INIT("a\0b"), 1, 1, STR_INIT("123"), "name" },
		{ STR_INIT("\xc3"), 1, 1, STR_INIT("123"), "name" },
		{ STR_INIT("abc"), (int64_t)INT_MAX + 1, 1, STR_INIT("123"), "kind" },
		{ STR_INIT("abc"), (int64_t)INT_MIN - 1, 1, STR_INIT("123"), "kind" },
		{ STR_INIT("abc"), 1, 2, STR_INIT("123"), "used" },
		{ STR_INIT("abc"), 1, -1, STR_INIT("123"), "used" },
		{ STR_INIT("abc"), 1, 1, STR_INIT("12"), "digest" },
		{ STR_INIT("abc"), 1, 1, STR_INIT("1234"), "digest" },
	};
	struct row_buf b = { .p = NULL };

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct column *bad;
		const struct str t = encode_row(&b, rows[i].name, rows[i].kind, rows[i].used, rows[i].digest);

		assert_int_equal(row_fits_table(&test_record, t, &bad), rows[i].bad == NULL);
		assert_string_equal(bad != NULL ? bad->name : "", rows[i].bad != NULL ? rows[i].bad : "");
	}
	row_encode_finish(&b);
}

static void null_and_wrong_column_count_are_rejected(void **state)
{
	struct row_buf b = { .p = NULL };
	const struct column *bad = columns;

	(void)state;
	row_encode_begin(&b, array_len(columns));
	row_encode_bytes(&b, STR("a"));
	for (size_t i = 1; i < array_len(columns); i++)
		row_encode_null(&b);
	assert_false(row_fits_table(&test_record, (struct str){ b.p, b.n }, &bad));
	assert_string_equal(bad->name, "number");
	row_encode_begin(&b, 1);
	row_encode_bytes(&b, STR("a"));
	assert_false(row_fits_table(&test_record, (struct str){ b.p, b.n }, &bad));
	assert_null(bad);
	row_encode_finish(&b);
}

static void too_large_row_fails(void **state)
{
	static char bytes[1024 * 1024];
	struct row_buf b = { .p = NULL };

	(void)state;
	row_encode_begin(&b, 40);
	for (size_t n = 0; n < ROW_BYTES_MAX / sizeof(bytes) - 1; n++)
		row_encode_bytes(&b, (struct str){ bytes, sizeof(bytes) });
	assert_false(b.failed);
	row_encode_bytes(&b, (struct str){ bytes, sizeof(bytes) });
	assert_true(b.failed);
	row_encode_begin(&b, 1);
	assert_false(b.failed);
	row_encode_finish(&b);
}

/* A checksum depends on the order and number of rows and on every byte. */
static void checksums_of_different_rows_differ(void **state)
{
	static const struct str lists[][3] = {
		{ STR_INIT("ab"), STR_INIT("c"), STR_INIT("") },
		{ STR_INIT("c"), STR_INIT("ab"), STR_INIT("") },
		{ STR_INIT("a"), STR_INIT("bc"), STR_INIT("") },
		{ STR_INIT("ab"), STR_INIT(""), STR_INIT("c") },
	};
	struct rows_checksum checksums[array_len(lists)];

	(void)state;
	memset(checksums, 0, sizeof(checksums));
	for (size_t i = 0; i < array_len(lists); i++)
		for (size_t k = 0; k < array_len(lists[i]); k++)
			rows_checksum_add(&checksums[i], lists[i][k]);
	for (size_t i = 0; i < array_len(lists); i++)
		for (size_t k = 0; k < array_len(lists); k++)
			assert_int_equal(rows_checksum_equal(&checksums[i], &checksums[k]), i == k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(encoding_equals_postgresql_binary_copy),
		cmocka_unit_test(truncated_row_is_rejected),
		cmocka_unit_test(size_excludes_the_following_row),
		cmocka_unit_test(row_must_fit_the_columns),
		cmocka_unit_test(null_and_wrong_column_count_are_rejected),
		cmocka_unit_test(too_large_row_fails),
		cmocka_unit_test(checksums_of_different_rows_differ),
	};

	return crypto_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
