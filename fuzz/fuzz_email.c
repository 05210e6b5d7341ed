/* Properties: normalising a normalised address does not change it; neither case nor surrounding white space
 * matters; a normalised address contains only allowed ASCII characters; no character is removed from an ASCII
 * input. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "text/email.h"
#include "text/unicode.h"

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

static bool one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789"

/* Number of bytes at the start of `s` that are in `set`. */
static size_t span_of(struct str s, const char *set)
{
	size_t n = 0;

	while (n < s.n && one_of(s.p[n], set))
		n++;
	return n;
}

static void check_address(struct str address)
{
	struct str domain = address, local, label;
	size_t labels = 0;

	abort_unless(address.n <= EMAIL_MAX);
	abort_unless(str_cut(&domain, '@', &local) && local.n > 0 && local.n <= 64);
	abort_unless(span_of(local, LETTERS ".!#$%&'*+-/=?^_`{|}~") == local.n);
	abort_unless(local.p[0] != '.' && local.p[local.n - 1] != '.');
	for (size_t i = 1; i < local.n; i++)
		abort_unless(local.p[i - 1] != '.' || local.p[i] != '.');
	for (bool more = true; more; labels++) {
		more = str_cut(&domain, '.', &label);
		abort_unless(label.n > 0 && label.n <= 63 && span_of(label, LETTERS "-") == label.n);
		abort_unless(label.p[0] != '-' && label.p[label.n - 1] != '-');
	}
	abort_unless(labels > 1 && span_of(label, "0123456789") < label.n);
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* Checks that the address in upper case and with white space around it is normalised to the same address. */
static void check_normalised_form(struct arena *a, struct str address)
{
	const struct str padded = arena_printf(a, " \t%.*s\r\n", STR_ARG(address));
	struct str again = { NULL, 0 };

	abort_unless(email_normalise(a, address, &again) == OK && str_eq(address, again));
	abort_unless(padded.p != NULL);
	char *const upper = arena_bytes(a, padded.n, 1);
	abort_unless(upper != NULL);
	for (size_t i = 0; i < padded.n; i++)
		upper[i] = (char)(padded.p[i] >= 'a' && padded.p[i] <= 'z' ? padded.p[i] - 'a' + 'A'
									   : padded.p[i]);
	abort_unless(
		email_normalise(a, (struct str){ upper, padded.n }, &again) == OK && str_eq(address, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str raw = { (const char *)data, size };
	struct str address = { NULL, 0 };
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	if (email_normalise(&arena, raw, &address) == OK) {
		check_address(address);
		check_normalised_form(&arena, address);
		/* ASCII characters are not mapped, so only the case may change. */
		abort_unless(!is_ascii(raw) || str_eq_nocase(unicode_trim(raw), address));
	}
	arena_finish(&arena);
	return 0;
}
