#include "main/config/refusals.h"

#include <string.h>

void refusals_init(struct refusals *refusals, struct arena *arena)
{
	*refusals = (struct refusals){ .arena = arena };
}

void refusals_add(struct refusals *refusals, const char *name, const char *sentence)
{
	refusals_add_line(refusals, name, arena_printf(refusals->arena, "KYCD_%s %s", name, sentence));
}

void refusals_add_line(struct refusals *refusals, const char *name, struct str line)
{
	if (refusals->n < REFUSALS_MAX && !(name && refusals_have(refusals, name)))
		refusals->rows[refusals->n++] = (struct config_refusal){ name,
			line.p ? line : STR("settings: out of memory") };
}

bool refusals_have(const struct refusals *refusals, const char *name)
{
	for (size_t i = 0; i < refusals->n; i++)
		if (refusals->rows[i].name && strcmp(refusals->rows[i].name, name) == 0)
			return true;
	return false;
}

void refusals_print(const struct refusals *refusals, FILE *out)
{
	for (size_t i = 0; i < refusals->n; i++)
		fprintf(out, "kycd: %.*s\n", STR_ARG(refusals->rows[i].text));
}
