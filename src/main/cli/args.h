/* Parses the arguments of a command against a table of its options: `--name value` or `--name=value`,
 * `--flag`, and positional arguments in their order. Errors are printed on stderr. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define ARGS_OPTIONS 20
#define ARGS_WORDS 4
#define ARGS_REPEATED 32 /* values of the options that may be given several times */

struct option {
	const char *name; /* "--group" */
	enum {
		OPTION_FLAG,
		OPTION_VALUE,
		OPTION_REPEATED /* a value, and may be given several times */
	} kind;
};

struct args {
	const struct option *options;
	size_t n_options;
	bool given[ARGS_OPTIONS];
	const char *values[ARGS_OPTIONS];
	/* The second and later values of options of the kind OPTION_REPEATED, in the order of the arguments.
	 */
	struct {
		size_t option;
		const char *value;
	} repeated[ARGS_REPEATED];
	size_t n_repeated;
	const char *words[ARGS_WORDS];
	size_t n_words;
};

/* Returns false after printing an error if an argument contains a control character, which a terminal would
 * interpret. Arguments that pass this check may be printed. */
bool args_are_printable(int argc, char **argv);
/* Parses the arguments. Returns false after printing which argument is wrong. `options` ends with a row whose
 * name is NULL. */
bool args_read(int argc, char **argv, const struct option *options, struct args *out);
/* Returns the text to print for an argument: "a URL" for every URL, because it may contain a password. */
const char *args_word_masked(const char *word);
/* Whether the option was given. */
bool args_has(const struct args *args, const char *name);
/* Returns the value of an option. `p` is NULL if the option was not given. */
struct str args_text(const struct args *args, const char *name);
/* Returns the i-th value of a repeated option. `p` is NULL after the last one. */
struct str args_text_at(const struct args *args, const char *name, size_t i);
