#include "app/verification/mask.h"

#include "crypto/wallet.h"

/* The number of dots does not depend on the length of the name. */
#define DOTS "\u2022\u2022\u2022"

static struct str mask_email(struct arena *a, struct str email)
{
	struct str domain = email, name;

	(void)str_cut(&domain, '@', &name);
	return arena_printf(a, "%.*s" DOTS "@%.*s", name.n > 0 ? 1 : 0, name.p, STR_ARG(domain));
}

static struct str mask_wallet(struct arena *a, struct str text)
{
	char shown[WALLET_SHORT_MAX + 1];
	struct wallet wallet;

	if (wallet_read(text, &wallet) != WALLET_FORM_VALID)
		return (struct str){ NULL, 0 };
	wallet_short(&wallet, shown);
	return arena_copy(a, str_of(shown));
}

enum err identifier_mask(struct arena *a, const struct identifier *identifier, struct str *out)
{
	*out = identifier->kind == ADDRESS_WALLET ? mask_wallet(a, identifier->normal)
						  : mask_email(a, identifier->normal);
	return out->p ? OK : ERR_INTERNAL;
}
