/* Reads the options of `kycd key create`, `key set` and `key rotate`. Each function returns false after
 * printing which option is wrong. */
#pragma once

#include "app/admin/operator.h"
#include "main/cli/args.h"

/* Room for the texts that are made from several options. */
struct key_option_texts {
	char allow_from[ALLOW_FROM_SIZE];
};

/* The texts in `out` are those of the arguments or in `texts`. */
bool key_params_read(const struct args *args, struct key_option_texts *texts, struct key_params *out);
/* Also fails if no option is given. */
bool key_change_read(const struct args *args, struct key_option_texts *texts, struct key_change *out);
bool key_overlap_read(const struct args *args, duration *out);
