/* Properties: reading a wallet's normalised address again gives the same wallet; white space around it and,
 * for EVM addresses, its case do not matter. An address with a character removed or a control character
 * inserted is rejected or gives another wallet. Reading never adds or removes characters except white space
 * around the address. */
#include <stdlib.h>
#include <string.h>

#include "crypto/wallet.h"
#include "fuzz.h"
#include "text/unicode.h"

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

static bool is_read_as(struct str text, const struct wallet *expected)
{
	struct wallet actual;

	return wallet_read(text, &actual) == WALLET_FORM_VALID && actual.chain == expected->chain &&
	       memcmp(actual.key, expected->key, sizeof(actual.key)) == 0 &&
	       strcmp(actual.text, expected->text) == 0;
}

static void check_normalised_form(const struct wallet *w)
{
	const size_t n = strlen(w->text);
	char text[WALLET_TEXT_MAX + 4] = " \t", *const form = text + 2;

	abort_unless(n >= 32 && n <= WALLET_TEXT_MAX);
	abort_unless(is_read_as(str_of(w->text), w));
	memcpy(form, w->text, n);
	form[n] = '\n';
	abort_unless(is_read_as((struct str){ text, n + 3 }, w));
	for (size_t i = 2; w->chain == WALLET_EVM && i < n; i++)
		form[i] = (char)(form[i] >= 'a' && form[i] <= 'f' ? form[i] - 'a' + 'A' : form[i]);
	abort_unless(is_read_as((struct str){ form, n }, w));
	abort_unless(!is_read_as((struct str){ form, n - 1 }, w));
	memmove(form + 9, form + 8, n - 8);
	form[8] = '\x01';
	abort_unless(!is_read_as((struct str){ form, n + 1 }, w));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str raw = { (const char *)data, size };
	char in_short[WALLET_SHORT_MAX + 1];
	struct wallet w;

	if (wallet_read(raw, &w) != WALLET_FORM_VALID)
		return 0;
	abort_unless(str_eq_nocase(unicode_trim(raw), str_of(w.text)));
	abort_unless(w.chain == WALLET_EVM || str_eq(unicode_trim(raw), str_of(w.text)));
	check_normalised_form(&w);
	wallet_short(&w, in_short);
	abort_unless(str_starts(str_of(w.text), (struct str){ in_short, w.chain == WALLET_EVM ? 6 : 4 }));
	abort_unless(str_ends(str_of(w.text), str_from(str_of(in_short), strlen(in_short) - 4)));
	return 0;
}
