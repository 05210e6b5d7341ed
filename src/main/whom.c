#include "main/whom.h"

#include <stdio.h>
#include <string.h>

#include "text/email.h"

#define LINE_SIZE 1024

static bool refuse(const char *why)
{
	fprintf(stderr, "kycd: %s\n", why);
	return false;
}

static bool is_alphanumeric(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!str_has(STR("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), s.p[i]))
			return false;
	return true;
}

/* 0x and 40 digits, or the 32 to 44 letters and digits of a Solana key. */
static bool is_like_a_wallet(struct str s)
{
	return (s.n >= 32 && s.n <= 44 && is_alphanumeric(s)) || str_starts(s, STR("0x"));
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

bool whom_read(const struct args *args, struct arena *a, struct whom *out)
{
	struct str text = str_of(args->words[0]);

	*out = (struct whom){ .group = args_text(args, "--group") };
	if (out->group.p && out->group.n == 0)
		return refuse(
			"--group must be the name of a group, or @ and the name of a tenant that is alone");
	if (str_eq(text, STR("-")) && !read_line(a, &text))
		return false;
	text = str_trim(text);
	if (email_normalise(a, text, &out->email) == OK)
		return true;
	if (is_like_a_wallet(text))
		return refuse("people cannot be found by wallet yet: give their e-mail address");
	return refuse("that is no e-mail address");
}
