#include "main/cli/person_selector.h"

#include <stdio.h>

#include "crypto/wallet.h"
#include "domain/event.h"
#include "main/cli/address_argument.h"
#include "text/email.h"

/* Prints the reason on stderr. Always returns false. */
static bool person_selector_fail(const char *why)
{
	fprintf(stderr, "kycd: %s\n", why);
	return false;
}

static bool read_wallet_identifier(struct arena *a, struct str text, struct identifier *out)
{
	struct wallet wallet;
	const enum wallet_form form = wallet_read(text, &wallet);

	if (form != WALLET_FORM_VALID) {
		fprintf(stderr, "kycd: this is neither an e-mail address nor a wallet: %.*s\n",
			STR_ARG(wallet_form_message(form)));
		return false;
	}
	*out = identifier_wallet(arena_copy(a, str_of(wallet.text)));
	return out->normal.p || person_selector_fail("out of memory");
}

bool person_selector_read(const struct args *args, struct arena *a, struct person_selector *out)
{
	struct str text;

	*out = (struct person_selector){ .group = args_text(args, "--group") };
	if (out->group.p && out->group.n == 0)
		return person_selector_fail(
			"--group must be the name of a group, or @ and the name of a tenant that is in no group");
	if (!address_argument_read(args, a, &text))
		return false;
	if (str_starts(text, STR(PUBLIC_USER_ID_PREFIX)))
		return shown_id_read(PUBLIC_USER_ID_PREFIX, text, out->public_id.text) ||
		       person_selector_fail("this is no id of a person (usr_ and 26 characters)");
	if (!str_has(text, '@'))
		return read_wallet_identifier(a, text, &out->identifier);
	out->identifier.kind = ADDRESS_EMAIL;
	return email_normalise(a, text, &out->identifier.normal) == OK ||
	       person_selector_fail("this is not an e-mail address");
}
