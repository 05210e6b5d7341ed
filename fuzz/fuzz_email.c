/* An address has one form: normalising it again changes nothing, whatever case or blanks are put around it.
 * What is not ASCII or cannot stand in an address is never left in it, and never left out of a domain of
 * ASCII. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "text/email.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789"

/* Bytes of `s` that stand in `set`, from the start. */
static size_t span_of(struct str s, const char *set)
{
	size_t n = 0;

	while (n < s.n && one_of(s.p[n], set))
		n++;
	return n;
}

static void is_an_address(struct str address)
{
	struct str domain = address, local, label;
	size_t labels = 0;

	must(address.n <= EMAIL_MAX);
	must(str_cut(&domain, '@', &local) && local.n > 0 && local.n <= 64);
	must(span_of(local, LETTERS ".!#$%&'*+-/=?^_`{|}~") == local.n);
	must(local.p[0] != '.' && local.p[local.n - 1] != '.');
	for (size_t i = 1; i < local.n; i++)
		must(local.p[i - 1] != '.' || local.p[i] != '.');
	for (bool more = true; more; labels++) {
		more = str_cut(&domain, '.', &label);
		must(label.n > 0 && label.n <= 63 && span_of(label, LETTERS "-") == label.n);
		must(label.p[0] != '-' && label.p[label.n - 1] != '-');
	}
	must(labels > 1 && span_of(label, "0123456789") < label.n);
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

/* In other letters and with blanks around it is the same address. */
static void has_one_form(struct arena *a, struct str address)
{
	const struct str loud = arena_printf(a, " \t%.*s\r\n", STR_ARG(address));
	struct str again = { NULL, 0 };

	must(email_normalise(a, address, &again) == OK && str_eq(address, again));
	must(loud.p != NULL);
	char *const upper = arena_bytes(a, loud.n, 1);
	must(upper != NULL);
	for (size_t i = 0; i < loud.n; i++)
		upper[i] = (char)(loud.p[i] >= 'a' && loud.p[i] <= 'z' ? loud.p[i] - 'a' + 'A' : loud.p[i]);
	must(email_normalise(a, (struct str){ upper, loud.n }, &again) == OK && str_eq(address, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str raw = { (const char *)data, size };
	struct str address = { NULL, 0 };
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	if (email_normalise(&arena, raw, &address) == OK) {
		is_an_address(address);
		has_one_form(&arena, address);
		/* of ASCII nothing is mapped, so nothing may be gained or lost but case */
		must(!is_ascii(raw) || str_eq_nocase(str_trim(raw), address));
	}
	arena_finish(&arena);
	return 0;
}
