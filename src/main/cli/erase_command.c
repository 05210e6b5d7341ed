#include <stdio.h>

#include "app/admin/erase.h"
#include "main/cli/person_command.h"
#include "main/daemon/database.h"
#include "store/sqlite/store.h"

static void write_provider_sessions_json(struct json_writer *w, struct str refs)
{
	struct str ref;

	json_key(w, "provider_sessions");
	json_begin_array(w);
	while (str_cut(&refs, '\n', &ref))
		json_put_text(w, ref);
	json_end_array(w);
}

static void write_erasure_json(
	struct json_writer *w, const struct person_match *match, const struct erasure *e)
{
	json_begin_object(w);
	json_field_text(w, "id", str_of(linked_users_primary(&match->linked)->id.text));
	json_field_text(w, "group", str_of(match->group));
	json_field_int(w, "addresses", (int64_t)e->addresses);
	json_field_int(w, "tenants", (int64_t)e->tenants);
	json_field_int(w, "codes", (int64_t)e->codes);
	json_field_int(w, "claims", (int64_t)e->claims);
	json_field_int(w, "messages", (int64_t)e->mails);
	json_field_int(w, "sessions", (int64_t)e->sessions);
	json_field_int(w, "links", (int64_t)e->links);
	json_field_int(w, "notes", (int64_t)e->operator_notes);
	json_field_bool(w, "blocklisted", e->blocklisted);
	write_provider_sessions_json(w, e->provider_sessions);
	json_end_object(w);
}

static void write_erasures_json(struct person_command *p, const struct erasures *all)
{
	json_begin_object(&p->w);
	json_field_bool(&p->w, "erased", p->yes);
	json_key(&p->w, "people");
	json_begin_array(&p->w);
	for (size_t i = 0; i < all->search.n; i++)
		write_erasure_json(&p->w, &all->search.list[i], &all->list[i]);
	json_end_array(&p->w);
	json_end_object(&p->w);
	buf_char(&p->text, '\n');
}

static void write_erasure_text(
	struct person_command *p, const struct person_match *match, const struct erasure *e)
{
	buf_printf(&p->text, "person %s in group %s %s erased:\n",
		linked_users_primary(&match->linked)->id.text, match->group, p->yes ? "was" : "would be");
	buf_printf(&p->text,
		"  the encryption key of all sealed data, %zu address(es), %zu registration(s) with tenants, %zu code(s),\n"
		"  %zu wallet claim(s), %zu waiting e-mail(s), links and decisions of %zu session(s),\n"
		"  the contents of %zu verification link(s), %zu note(s) of operators%s\n",
		e->addresses, e->tenants, e->codes, e->claims, e->mails, e->sessions, e->links,
		e->operator_notes, e->blocklisted ? ", the blocklist mark" : "");
}

/* Writes what was kept, and what the operator has to delete elsewhere. */
static void write_remaining_text(struct person_command *p, const struct erasures *all)
{
	bool first = true;

	buf_add(&p->text,
		STR("Kept: sessions and their outcomes, the audit log and quotas, under ids that no longer "
		    "identify anyone.\n"));
	for (size_t i = 0; i < all->search.n; i++) {
		struct str refs = all->list[i].provider_sessions, ref;

		while (str_cut(&refs, '\n', &ref)) {
			if (first)
				buf_add(&p->text,
					STR("The provider was not called. Delete these sessions in its console:\n"));
			first = false;
			buf_printf(&p->text, "  %.*s\n", STR_ARG(ref));
		}
	}
	buf_add(&p->text,
		STR("Earlier backups and copies of the database still contain the person's data.\n"));
}

static enum exit_code report_erasures(struct person_command *p, const struct erasures *all)
{
	if (p->json) {
		write_erasures_json(p, all);
	} else {
		for (size_t i = 0; i < all->search.n; i++)
			write_erasure_text(p, &all->search.list[i], &all->list[i]);
		write_remaining_text(p, all);
	}
	if (person_command_flush(p) != OK)
		return command_failed(
			p->yes ? "the person was erased, but the report cannot be printed: out of memory"
			       : "the report cannot be printed: out of memory",
			OK);
	if (p->yes)
		return EXIT_DONE;
	fprintf(stderr,
		"kycd: nothing was erased. Erasing cannot be undone: repeat the command with --yes\n");
	return EXIT_USAGE;
}

/* Empties the write-ahead log, because its old pages still contain the erased data. Closes the database
 * first. */
static void truncate_wal(struct person_command *p)
{
	const struct str path = arena_copy(&p->arena, database_path(&p->runtime.config));
	struct str why = STR("");

	compose_down(&p->runtime);
	if (sqlite_store_truncate_wal(path, &p->arena, &why) != OK)
		fprintf(stderr,
			"kycd: the person was erased, but old pages are still in the write-ahead log: %.*s. Restart "
			"the server to remove them\n",
			STR_ARG(why));
}

static enum exit_code run_erase(struct person_command *p)
{
	const struct actor actor = { .kind = ACTOR_OPERATOR };
	struct erasures *const all = arena_new(&p->arena, struct erasures);
	enum err e = ERR_INTERNAL;

	if (all)
		e = app_erase(&p->runtime.world, &p->arena, &actor, &p->selector, p->yes, all);
	if (e != OK)
		return command_failed("the person cannot be erased; nothing was changed", e);
	if (!person_command_found(&all->search))
		return EXIT_FAILED;
	const enum exit_code code = report_erasures(p, all);
	if (p->yes && database_is_file(&p->runtime.config))
		truncate_wal(p);
	return code;
}

enum exit_code run_user_erase(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return person_command_run(args, source, run_erase);
}
