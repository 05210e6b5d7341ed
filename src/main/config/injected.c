#include "main/config/injected.h"

#include <regex.h>
#include <stddef.h>

#include "base/attr.h"

/* Matches the start of a variable's name. It is the name of a service or container that begins with `kycd`,
 * in capitals and with `_` instead of `-`. */
#define SERVICE "^KYCD_([A-Z0-9_]+_)?"
#define PROTOCOL "(TCP|UDP|SCTP)"

/* Matches the variable that Docker sets for each link. Its value has the names of both containers. */
static const char *const link_form = SERVICE "NAME=/[^/]+/[^/]+$";

/* clang-format off */
/* https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 * https://docs.docker.com/engine/network/links/#environment-variables */
static const struct {
	const char *form; /* a POSIX extended regular expression for "NAME=value" */
	bool only_linked; /* the form is valid only if another variable matches link_form */
} forms[] = {
	{ SERVICE "SERVICE_HOST=[0-9A-Fa-f.:]+$",                                                      false },
	{ SERVICE "SERVICE_PORT(_[A-Z0-9_]+)?=[0-9]+$",                                                false },
	{ SERVICE "PORT=(tcp|udp|sctp)://",                                                            false },
	{ SERVICE "PORT_[0-9]+_" PROTOCOL "(_(PROTO|PORT|ADDR|START|END|PORT_START|PORT_END))?=",      false },
	{ SERVICE "NAME=/[^/]+/[^/]+$",                                                                false },
	{ SERVICE "ENV_[A-Za-z_][A-Za-z0-9_]*=",                                                       true },
};
/* clang-format on */

static bool has_form(const char *entry, const char *form)
{
	regex_t compiled;

	if (regcomp(&compiled, form, REG_EXTENDED | REG_NOSUB) != 0)
		return false; /* memory ran out; the variable is then refused as an unknown setting */
	const bool matches = regexec(&compiled, entry, 0, NULL, 0) == 0;
	regfree(&compiled);
	return matches;
}

static bool has_link(char *const *environment)
{
	for (size_t i = 0; environment[i]; i++)
		if (has_form(environment[i], link_form))
			return true;
	return false;
}

bool variable_is_injected(const char *entry, char *const *environment)
{
	for (size_t i = 0; i < array_len(forms); i++)
		if (has_form(entry, forms[i].form) && (!forms[i].only_linked || has_link(environment)))
			return true;
	return false;
}
