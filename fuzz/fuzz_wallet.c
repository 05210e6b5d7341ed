/* A wallet has one form: reading it again changes nothing, nor do blanks around it or, on an EVM chain, its
 * case. No letter of a Solana address can be left out, and no other character is ever left in or out of
 * either. */
#include <stdlib.h>
#include <string.h>

#include "crypto/wallet.h"
#include "fuzz.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool is_same(struct str text, const struct wallet *want)
{
	struct wallet got;

	return wallet_read(text, &got) == WALLET_FORM_VALID && got.chain == want->chain &&
	       memcmp(got.key, want->key, sizeof(got.key)) == 0 && strcmp(got.text, want->text) == 0;
}

static void has_one_form(const struct wallet *w)
{
	const size_t n = strlen(w->text);
	char text[WALLET_TEXT_MAX + 4] = " \t", *const form = text + 2;

	must(n >= 32 && n <= WALLET_TEXT_MAX);
	must(is_same(str_of(w->text), w));
	memcpy(form, w->text, n);
	form[n] = '\n';
	must(is_same((struct str){ text, n + 3 }, w));
	for (size_t i = 2; w->chain == WALLET_EVM && i < n; i++)
		form[i] = (char)(form[i] >= 'a' && form[i] <= 'f' ? form[i] - 'a' + 'A' : form[i]);
	must(is_same((struct str){ form, n }, w));
	must(!is_same((struct str){ form, n - 1 }, w));
	memmove(form + 9, form + 8, n - 8);
	form[8] = '\x01';
	must(!is_same((struct str){ form, n + 1 }, w));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str raw = { (const char *)data, size };
	char in_short[WALLET_SHORT_MAX + 1];
	struct wallet w;

	if (wallet_read(raw, &w) != WALLET_FORM_VALID)
		return 0;
	must(str_eq_nocase(str_trim(raw), str_of(w.text)));
	must(w.chain == WALLET_EVM || str_eq(str_trim(raw), str_of(w.text)));
	has_one_form(&w);
	wallet_short(&w, in_short);
	must(str_starts(str_of(w.text), (struct str){ in_short, w.chain == WALLET_EVM ? 6 : 4 }));
	must(str_ends(str_of(w.text), str_from(str_of(in_short), strlen(in_short) - 4)));
	return 0;
}
