#include "web/console/audit_filter.h"

#include "base/attr.h"
#include "text/query.h"
#include "web/console/day.h"
#include "web/console/page_path.h"

static const struct {
	const char *word, *label;
} actors_words[AUDIT_ACTORS_COUNT] = {
	[AUDIT_ACTORS_ALL] = { "", "All actors" },
	[AUDIT_ACTORS_OPERATORS] = { "operators", "Operators" },
	[AUDIT_ACTORS_COMMANDS] = { "commands", "Commands on the server" },
	[AUDIT_ACTORS_KEYS] = { "keys", "API calls" },
	[AUDIT_ACTORS_WORKERS] = { "workers", "Background work of kycd" },
	[AUDIT_ACTORS_PROVIDER] = { "provider", "The provider" },
	[AUDIT_ACTORS_LINKS] = { "links", "People on verification links" },
};

struct str audit_actors_word(enum audit_actors actors)
{
	return str_of(actors_words[actors].word);
}

struct str audit_actors_label(enum audit_actors actors)
{
	return str_of(actors_words[actors].label);
}

struct audit_form audit_form_read(struct arena *a, struct str query)
{
	return (struct audit_form){ .action = str_trim(query_value(a, query, STR("action"))),
		.subject = str_trim(query_value(a, query, STR("subject"))),
		.actors = str_trim(query_value(a, query, STR("actors"))),
		.actor_id = str_trim(query_value(a, query, STR("actor_id"))),
		.from = str_trim(query_value(a, query, STR("from"))),
		.until = str_trim(query_value(a, query, STR("until"))),
		.before = str_trim(query_value(a, query, STR("before"))) };
}

static bool read_actors(struct str word, enum audit_actors *out)
{
	for (size_t i = 0; i < AUDIT_ACTORS_COUNT; i++)
		if (str_eq(word, str_of(actors_words[i].word))) {
			*out = (enum audit_actors)i;
			return true;
		}
	return false;
}

bool audit_form_filter(const struct audit_form *form, struct audit_filter *out)
{
	*out = (struct audit_filter){ .subject = form->subject,
		.action = form->action,
		.actor_id = form->actor_id,
		.limit = AUDIT_LIST_MAX };
	if (!read_actors(form->actors, &out->actors))
		return false;
	if (!console_days_read(form->from, form->until, &out->from, &out->until))
		return false;
	return form->before.n == 0 ||
	       (id_is_valid(form->before) && str_copy_to(form->before, out->before.text, ID_SIZE));
}

struct str audit_form_path(struct arena *a, const struct audit_form *form)
{
	const struct {
		const char *name;
		struct str value;
	} parameters[] = { { "action", form->action }, { "subject", form->subject },
		{ "actors", form->actors }, { "actor_id", form->actor_id }, { "from", form->from },
		{ "until", form->until }, { "before", form->before } };
	struct str path = STR("/console/audit");

	for (size_t i = 0; path.p && i < array_len(parameters); i++)
		if (parameters[i].value.n > 0)
			path = console_path_with(a, path, parameters[i].name, parameters[i].value);
	return path;
}
