#include <stdio.h>

#include "app/admin/erase.h"
#include "main/cli/person_command.h"
#include "main/daemon/database.h"
#include "store/sqlite/store.h"

static void tell_provider_sessions(struct json_writer *w, struct str refs)
{
	struct str ref;

	json_key(w, "provider_sessions");
	json_begin_array(w);
	while (str_cut(&refs, '\n', &ref))
		json_put_text(w, ref);
	json_end_array(w);
}

static void tell_json(struct json_writer *w, const struct person_match *match, const struct erasure *e)
{
	json_begin_object(w);
	json_field_text(w, "id", str_of(linked_users_primary(&match->linked)->id.text));
	json_field_text(w, "group", str_of(match->group));
	json_field_int(w, "addresses", (int64_t)e->addresses);
	json_field_int(w, "tenants", (int64_t)e->tenants);
	json_field_int(w, "codes", (int64_t)e->codes);
	json_field_int(w, "claims", (int64_t)e->claims);
	json_field_int(w, "letters", (int64_t)e->mails);
	json_field_int(w, "sessions", (int64_t)e->sessions);
	json_field_bool(w, "blocklisted", e->blocklisted);
	tell_provider_sessions(w, e->provider_sessions);
	json_end_object(w);
}

static void tell_all_json(struct person_command *p, const struct erasures *all)
{
	json_begin_object(&p->w);
	json_field_bool(&p->w, "erased", p->yes);
	json_key(&p->w, "people");
	json_begin_array(&p->w);
	for (size_t i = 0; i < all->search.n; i++)
		tell_json(&p->w, &all->search.list[i], &all->list[i]);
	json_end_array(&p->w);
	json_end_object(&p->w);
	buf_char(&p->text, '\n');
}

static void tell_line(struct person_command *p, const struct person_match *match, const struct erasure *e)
{
	buf_printf(&p->text, "person %s in group %s %s erased, with\n",
		linked_users_primary(&match->linked)->id.text, match->group, p->yes ? "is" : "would be");
	buf_printf(&p->text,
		"  the key to all that is sealed, %zu address(es), %zu registration(s) with tenants, %zu code(s),\n"
		"  %zu claim(s) of wallets, %zu waiting letter(s), links and decisions of %zu session(s)%s\n",
		e->addresses, e->tenants, e->codes, e->claims, e->mails, e->sessions,
		e->blocklisted ? ", a sign of the blocklist" : "");
}

static void tell_rest(struct person_command *p, const struct erasures *all)
{
	bool first = true;

	buf_add(&p->text,
		STR("Kept: that there were sessions and how they ended, the trail, the quotas; all by "
		    "ids that lead to nobody.\n"));
	for (size_t i = 0; i < all->search.n; i++) {
		struct str refs = all->list[i].provider_sessions, ref;

		while (str_cut(&refs, '\n', &ref)) {
			if (first)
				buf_add(&p->text,
					STR("The provider is not called. Delete these sessions there:\n"));
			first = false;
			buf_printf(&p->text, "  %.*s\n", STR_ARG(ref));
		}
	}
	buf_add(&p->text, STR("Backups and copies of the database from before still hold the person.\n"));
}

static enum exit_code tell(struct person_command *p, const struct erasures *all)
{
	if (p->json) {
		tell_all_json(p, all);
	} else {
		for (size_t i = 0; i < all->search.n; i++)
			tell_line(p, &all->search.list[i], &all->list[i]);
		tell_rest(p, all);
	}
	if (person_command_flush(p) != OK)
		return command_failed("no memory to say what was done", OK);
	if (p->yes)
		return EXIT_DONE;
	fprintf(stderr, "kycd: nothing was erased, for it cannot be undone: say --yes\n");
	return EXIT_USAGE;
}

/* Once this process has let go of the file. */
static void scrub(struct person_command *p)
{
	const struct str path = arena_copy(&p->arena, database_path(&p->runtime.config));
	struct str why = STR("");

	compose_down(&p->runtime);
	if (sqlite_store_truncate_wal(path, &p->arena, &why) != OK)
		fprintf(stderr,
			"kycd: erased, but old pages are still in the log beside the database: %.*s. They go "
			"when the server is restarted\n",
			STR_ARG(why));
}

static enum exit_code erase(struct person_command *p)
{
	struct erasures *const all = arena_new(&p->arena, struct erasures);
	enum err e = ERR_INTERNAL;

	if (all)
		e = app_erase(&p->runtime.world, &p->arena, &p->selector, p->yes, all);
	if (e != OK)
		return command_failed("the person cannot be erased, and nothing was", e);
	if (!person_command_found(&all->search))
		return EXIT_FAILED;
	const enum exit_code code = tell(p, all);
	if (p->yes && database_is_file(&p->runtime.config))
		scrub(p);
	return code;
}

enum exit_code run_user_erase(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return person_command_run(args, source, erase);
}
