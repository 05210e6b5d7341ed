#include "main/cli/person_selector.h"

#include <stdio.h>
#include <string.h>

#include "crypto/wallet.h"
#include "domain/event.h"
#include "text/email.h"
#include "text/unicode.h"

#define LINE_SIZE 1024

/* Prints the reason on stderr. Always returns false. */
static bool person_selector_fail(const char *why)
{
	fprintf(stderr, "kycd: %s\n", why);
	return false;
}

static bool read_address_line(struct arena *a, struct str *out)
{
	char line[LINE_SIZE];

	if (!fgets(line, sizeof(line), stdin))
		return person_selector_fail("standard input has no line with an address");
	if (strlen(line) == sizeof(line) - 1)
		return person_selector_fail("standard input has no address: its first line is too long");
	*out = arena_copy(a, str_of(line));
	return out->p || person_selector_fail("out of memory");
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
	struct str text = str_of(args->words[0]);

	*out = (struct person_selector){ .group = args_text(args, "--group") };
	if (out->group.p && out->group.n == 0)
		return person_selector_fail(
			"--group must be the name of a group, or @ and the name of a tenant that is in no group");
	if (str_eq(text, STR("-")) && !read_address_line(a, &text))
		return false;
	text = unicode_trim(text);
	if (str_starts(text, STR(PUBLIC_USER_ID_PREFIX)))
		return shown_id_read(PUBLIC_USER_ID_PREFIX, text, out->public_id.text) ||
		       person_selector_fail("this is no id of a person (usr_ and 26 characters)");
	if (!str_has(text, '@'))
		return read_wallet_identifier(a, text, &out->identifier);
	out->identifier.kind = ADDRESS_EMAIL;
	return email_normalise(a, text, &out->identifier.normal) == OK ||
	       person_selector_fail("this is not an e-mail address");
}
