#include "main/cli/args.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Returns the index of the option with this name, or n_options if there is none. */
static size_t find_option(const struct args *args, struct str name)
{
	size_t i = 0;

	while (i < args->n_options && !str_eq(str_of(args->options[i].name), name))
		i++;
	return i;
}

/* Prints an error about an option. Always returns false. */
static bool option_fail(struct str name, const char *what)
{
	fprintf(stderr, "kycd: %.*s %s\n", STR_ARG(name), what);
	return false;
}

/* Returns false if there is no room for another value. */
static bool add_value(struct args *args, size_t at, const char *value)
{
	if (!args->given[at]) {
		args->given[at] = true;
		args->values[at] = value;
		return true;
	}
	if (args->n_repeated == ARGS_REPEATED)
		return false;
	args->repeated[args->n_repeated].option = at;
	args->repeated[args->n_repeated++].value = value;
	return true;
}

/* Parses the option at argv[*i]. Its value is the text after `=` or the next argument. In the second case,
 * advances *i. */
static bool parse_option(struct args *args, int argc, char **argv, int *i)
{
	struct str name, rest = str_of(argv[*i]);
	const bool is_joined = str_cut(&rest, '=', &name);
	const size_t at = find_option(args, name);

	if (at == args->n_options)
		return option_fail(name, "is not an option of this command: see --help");
	if (args->given[at] && args->options[at].kind != OPTION_REPEATED)
		return option_fail(name, "is given twice");
	if (args->options[at].kind == OPTION_FLAG) {
		args->given[at] = true;
		return !is_joined || option_fail(name, "takes no value");
	}
	if (!is_joined && *i + 1 >= argc)
		return option_fail(name, "needs a value");
	return add_value(args, at, is_joined ? rest.p : argv[++*i]) ||
	       option_fail(name, "is given too often");
}

/* Returns true if the word is a dash and one character. A longer word that begins with a dash may be an
 * e-mail address. */
static bool is_short_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0' && word[1] != '-' && word[2] == '\0';
}

bool args_are_printable(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		for (const unsigned char *p = (const unsigned char *)argv[i]; *p != '\0'; p++) {
			if (*p >= ' ' && *p != 0x7f && !(*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
				continue;
			fprintf(stderr,
				"kycd: argument %d contains a control character (\\x%02x), which is not allowed\n",
				i, *p == 0xc2 ? p[1] : *p);
			return false;
		}
	}
	return true;
}

const char *args_word_masked(const char *word)
{
	return strstr(word, "://") ? "a URL" : word;
}

bool args_read(int argc, char **argv, const struct option *options, struct args *out)
{
	static char help[] = "--help";
	struct args args = { .options = options };

	while (options[args.n_options].name)
		args.n_options++;
	assert(args.n_options <= ARGS_OPTIONS);
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-h") == 0)
			argv[i] = help;
		if ((argv[i][0] == '-' && argv[i][1] == '-') || is_short_option(argv[i])) {
			if (!parse_option(&args, argc, argv, &i))
				return false;
		} else if (args.n_words < ARGS_WORDS) {
			args.words[args.n_words++] = argv[i];
		} else {
			fprintf(stderr, "kycd: unexpected argument `%s`\n", args_word_masked(argv[i]));
			return false;
		}
	}
	*out = args;
	return true;
}

bool args_has(const struct args *args, const char *name)
{
	const size_t at = find_option(args, str_of(name));

	return at < args->n_options && args->given[at];
}

struct str args_text(const struct args *args, const char *name)
{
	const size_t at = find_option(args, str_of(name));

	return at < args->n_options && args->given[at] ? str_of(args->values[at]) : (struct str){ NULL, 0 };
}

struct str args_text_at(const struct args *args, const char *name, size_t i)
{
	const size_t at = find_option(args, str_of(name));
	size_t n = 0;

	if (i == 0)
		return args_text(args, name);
	for (size_t k = 0; k < args->n_repeated; k++)
		if (args->repeated[k].option == at && ++n == i)
			return str_of(args->repeated[k].value);
	return (struct str){ NULL, 0 };
}
