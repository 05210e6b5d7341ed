#include "mail/smtp_login.h"

#include <stdio.h>

enum login_kind { LOGIN_USUAL, LOGIN_ON_REQUEST, LOGIN_GSASL, LOGIN_TOKEN };

/* The supported mechanisms, with their names from IANA's registry of SASL mechanisms. */
static const struct {
	struct str name;
	enum login_kind kind;
} mechanisms[] = {
	{ STR_INIT("PLAIN"), LOGIN_USUAL },
	{ STR_INIT("LOGIN"), LOGIN_USUAL },
	{ STR_INIT("CRAM-MD5"), LOGIN_ON_REQUEST },
	{ STR_INIT("DIGEST-MD5"), LOGIN_ON_REQUEST },
	{ STR_INIT("NTLM"), LOGIN_ON_REQUEST },
	{ STR_INIT("SCRAM-SHA-1"), LOGIN_GSASL },
	{ STR_INIT("SCRAM-SHA-256"), LOGIN_GSASL },
	{ STR_INIT("XOAUTH2"), LOGIN_TOKEN },
};

static smtp_logins logins_of_kind(enum login_kind kind)
{
	smtp_logins logins = SMTP_LOGINS_NONE;

	for (size_t i = 0; i < array_len(mechanisms); i++)
		if (mechanisms[i].kind == kind)
			logins |= 1U << i;
	return logins;
}

smtp_logins smtp_logins_default(void)
{
	return logins_of_kind(LOGIN_USUAL);
}

smtp_logins smtp_logins_of_gsasl(void)
{
	return logins_of_kind(LOGIN_GSASL);
}

smtp_logins smtp_logins_of_tokens(void)
{
	return logins_of_kind(LOGIN_TOKEN);
}

static smtp_logins login_named(struct str name)
{
	for (size_t i = 0; i < array_len(mechanisms); i++)
		if (str_eq_nocase(name, mechanisms[i].name))
			return 1U << i;
	return SMTP_LOGINS_NONE;
}

bool smtp_logins_read(struct str options, smtp_logins *out)
{
	struct str key, name;

	*out = SMTP_LOGINS_NONE;
	do {
		(void)str_cut(&options, ';', &name);
		(void)str_cut(&name, '=', &key);

		const smtp_logins found = str_eq_nocase(key, STR("AUTH")) ? login_named(name)
									  : SMTP_LOGINS_NONE;
		if (found == SMTP_LOGINS_NONE)
			return false;
		*out |= found;
	} while (options.n > 0);
	return true;
}

void smtp_logins_write(smtp_logins logins, char out[SMTP_LOGINS_SIZE])
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < array_len(mechanisms); i++)
		if (logins & (1U << i))
			n += (size_t)snprintf(out + n, SMTP_LOGINS_SIZE - n, "%sAUTH=%s", n > 0 ? ";" : "",
				mechanisms[i].name.p);
}

smtp_logins smtp_logins_named(struct str names)
{
	smtp_logins logins = SMTP_LOGINS_NONE;
	struct str name;

	while (names.n > 0) {
		(void)str_cut(&names, ' ', &name);
		logins |= login_named(name);
	}
	return logins;
}
