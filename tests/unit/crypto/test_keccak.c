#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/keccak.h"
#include "text/encode.h"

static char pattern[4096];

static int fill_pattern(void **state maybe_unused)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (char)(7 * i + 3);
	return 0;
}

static void assert_digest(const char *name, struct str s, const char *want)
{
	unsigned char digest[KECCAK_BYTES];
	char text[2 * KECCAK_BYTES + 1];

	keccak256(s, digest);
	hex_write(digest, sizeof(digest), text);
	if (strcmp(text, want) != 0)
		fail_msg("%s: %s instead of %s", name, text, want);
}

/* These are digests of Keccak-256. Those of SHA3-256 would begin with a7ff and 3a98 for the first two texts.
 */
static void digests_match_known_values(void **state maybe_unused)
{
	assert_digest("empty", STR(""), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
	assert_digest("abc", STR("abc"), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
	assert_digest("the fox", STR("The quick brown fox jumps over the lazy dog"),
		"4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15");
}

static void digests_match_around_block_boundaries(void **state maybe_unused)
{
	static const struct {
		size_t n;
		const char *digest;
	} rows[] = {
#define HASH(n, digest) { n, digest },
#include "wallet_rows.h"
	};

	for (size_t i = 0; i < array_len(rows); i++)
		assert_digest("generated row", (struct str){ pattern, rows[i].n }, rows[i].digest);
}

/* Adds the text in two pieces, split at every position, and byte by byte. */
static void digest_does_not_depend_on_the_pieces(void **state maybe_unused)
{
	const struct str whole = { pattern, 410 };
	unsigned char want[KECCAK_BYTES], got[KECCAK_BYTES];
	struct keccak k;

	keccak256(whole, want);
	for (size_t cut = 0; cut <= whole.n; cut++) {
		keccak_start(&k);
		keccak_add(&k, (struct str){ whole.p, cut });
		keccak_add(&k, str_from(whole, cut));
		keccak_finish(&k, got);
		assert_memory_equal(got, want, sizeof(want));
	}
	keccak_start(&k);
	for (size_t i = 0; i < whole.n; i++)
		keccak_add(&k, (struct str){ whole.p + i, 1 });
	keccak_finish(&k, got);
	assert_memory_equal(got, want, sizeof(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_match_known_values),
		cmocka_unit_test(digests_match_around_block_boundaries),
		cmocka_unit_test(digest_does_not_depend_on_the_pieces),
	};

	return cmocka_run_group_tests(tests, fill_pattern, NULL);
}
