#include "main/cli/address_argument.h"

#include <stdio.h>
#include <string.h>

#include "text/unicode.h"

#define LINE_SIZE 1024

/* Prints the reason on stderr. Always returns false. */
static bool address_argument_fail(const char *why)
{
	fprintf(stderr, "kycd: %s\n", why);
	return false;
}

static bool read_address_line(struct arena *a, struct str *out)
{
	char line[LINE_SIZE];

	if (!fgets(line, sizeof(line), stdin))
		return address_argument_fail("standard input has no line with an address");
	if (strlen(line) == sizeof(line) - 1)
		return address_argument_fail("standard input has no address: its first line is too long");
	*out = arena_copy(a, str_of(line));
	return out->p || address_argument_fail("out of memory");
}

bool address_argument_read(const struct args *args, struct arena *a, struct str *out)
{
	struct str text = str_of(args->words[0]);

	if (str_eq(text, STR("-")) && !read_address_line(a, &text))
		return false;
	*out = unicode_trim(text);
	return true;
}
