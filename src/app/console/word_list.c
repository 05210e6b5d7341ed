#include "app/console/word_list.h"

static bool is_separator(char c)
{
	return c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip(struct str *rest)
{
	rest->p++;
	rest->n--;
}

struct str word_list_next(struct str *rest)
{
	struct str word;

	while (rest->n > 0 && is_separator(rest->p[0]))
		skip(rest);
	word = (struct str){ rest->p, 0 };
	for (; rest->n > 0 && !is_separator(rest->p[0]); word.n++)
		skip(rest);
	return word;
}
