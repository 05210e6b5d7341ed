#include "main/cli/person_selector.h"

#include <stdio.h>
#include <string.h>

#include "crypto/wallet.h"
#include "text/email.h"

#define LINE_SIZE 1024

static bool refuse(const char *why)
{
	fprintf(stderr, "kycd: %s\n", why);
	return false;
}

static bool read_line(struct arena *a, struct str *out)
{
	char line[LINE_SIZE];

	if (!fgets(line, sizeof(line), stdin))
		return refuse("standard input has no address");
	if (strlen(line) == sizeof(line) - 1)
		return refuse("standard input has no address, for its first line is too long to be one");
	*out = arena_copy(a, str_of(line));
	return out->p || refuse("no memory");
}

static bool read_wallet(struct arena *a, struct str text, struct identifier *out)
{
	struct wallet wallet;
	const enum wallet_form form = wallet_read(text, &wallet);

	if (form != WALLET_FORM_VALID) {
		fprintf(stderr, "kycd: that is no e-mail address and no wallet: %.*s\n",
			STR_ARG(wallet_form_message(form)));
		return false;
	}
	*out = identifier_wallet(arena_copy(a, str_of(wallet.text)));
	return out->normal.p || refuse("no memory");
}

bool person_selector_read(const struct args *args, struct arena *a, struct person_selector *out)
{
	struct str text = str_of(args->words[0]);

	*out = (struct person_selector){ .group = args_text(args, "--group") };
	if (out->group.p && out->group.n == 0)
		return refuse(
			"--group must be the name of a group, or @ and the name of a tenant that is alone");
	if (str_eq(text, STR("-")) && !read_line(a, &text))
		return false;
	text = str_trim(text);
	if (!str_has(text, '@'))
		return read_wallet(a, text, &out->identifier);
	out->identifier.kind = ADDRESS_EMAIL;
	return email_normalise(a, text, &out->identifier.normal) == OK || refuse("that is no e-mail address");
}
