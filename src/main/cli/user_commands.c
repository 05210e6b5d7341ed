#include <string.h>

#include "app/admin/person_report.h"
#include "app/admin/reset_tries.h"
#include "app/core/audit.h"
#include "main/cli/audit_output.h"
#include "main/cli/person_command.h"
#include "main/cli/user_output.h"

#define PAGE 128 /* rows of the trail */

static void show_row(struct person_command *p, const struct audit_entry *row)
{
	if (p->json) {
		audit_output_json(&p->w, row);
		return;
	}
	buf_add(&p->text, STR("    "));
	audit_output_line(&p->text, row);
}

/* The trail of one of the users who are the person. */
struct strand {
	struct audit_cursor cursor;
	struct audit_entry *rows;
	size_t n, at;
};

/* A page at a time: who was here for years has a long trail. */
static enum err fill(struct person_command *p, struct strand *s)
{
	if (s->at < s->n || (s->cursor.begun && s->n < PAGE))
		return OK;
	s->at = 0;
	return audit_read(&p->runtime.world, &p->arena, &s->cursor, s->rows, PAGE, &s->n);
}

static enum err begin(struct person_command *p, const struct user *user, struct strand *s)
{
	*s = (struct strand){ .rows = arena_array(&p->arena, struct audit_entry, PAGE) };
	if (!s->rows || !str_copy_to(str_of(user->id.text), s->cursor.subject, sizeof(s->cursor.subject)))
		return ERR_INTERNAL;
	return fill(p, s);
}

/* The one whose next row is the oldest; NULL: all are at their end. */
static struct strand *oldest(struct strand *strands, size_t n)
{
	struct strand *found = NULL;

	for (size_t i = 0; i < n; i++) {
		struct strand *const s = &strands[i];

		if (s->at < s->n &&
			(!found || strcmp(s->rows[s->at].id.text, found->rows[found->at].id.text) < 0))
			found = s;
	}
	return found;
}

static enum err show_trail(struct person_command *p, const struct linked_users *linked)
{
	struct strand strands[ADDRESSES_MAX], *s;

	for (size_t i = 0; i < linked->n; i++)
		TRY(begin(p, &linked->users[i], &strands[i]));
	while ((s = oldest(strands, linked->n))) {
		show_row(p, &s->rows[s->at++]);
		if (s->at == s->n)
			TRY(person_command_flush(p));
		TRY(fill(p, s));
	}
	return OK;
}

static enum err show_one(struct person_command *p, const struct person_report *file)
{
	if (!p->json) {
		user_output_lines(&p->text, file);
		buf_add(&p->text, STR("  audit log\n"));
		return show_trail(p, &file->match->linked);
	}
	json_begin_object(&p->w);
	user_output_json(&p->w, file);
	json_key(&p->w, "audit");
	json_begin_array(&p->w);
	TRY(show_trail(p, &file->match->linked));
	json_end_array(&p->w);
	json_end_object(&p->w);
	return OK;
}

static void begin_people(struct person_command *p)
{
	if (!p->json)
		return;
	json_begin_object(&p->w);
	json_key(&p->w, "people");
	json_begin_array(&p->w);
}

static enum err end_people(struct person_command *p)
{
	if (p->json) {
		json_end_array(&p->w);
		json_end_object(&p->w);
		buf_char(&p->text, '\n');
	}
	return person_command_flush(p);
}

static enum err show_all(struct person_command *p, const struct person_reports *files)
{
	begin_people(p);
	for (size_t i = 0; i < files->search.n; i++)
		TRY(show_one(p, &files->list[i]));
	return end_people(p);
}

static enum exit_code show(struct person_command *p)
{
	struct person_reports *const files = arena_new(&p->arena, struct person_reports);
	enum err e = ERR_INTERNAL;

	if (files)
		e = person_reports_read(&p->runtime.world, &p->arena, &p->selector, files);
	if (e == OK && !person_command_found(&files->search))
		return EXIT_FAILED;
	if (e == OK)
		e = show_all(p, files);
	return e == OK ? EXIT_DONE : command_failed("the person's file cannot be read", e);
}

enum exit_code run_user_show(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return person_command_run(args, source, show);
}

static void tell_json(struct person_command *p, const struct person_match *match, const struct tries_reset *a)
{
	json_begin_object(&p->w);
	json_field_text(&p->w, "id", str_of(linked_users_primary(&match->linked)->id.text));
	json_field_text(&p->w, "group", str_of(match->group));
	json_field_bool(&p->w, "was_needed", a->was_needed);
	json_field_int(&p->w, "tries", a->tries);
	json_field_bool(&p->w, "blocklisted", a->blocklisted);
	json_end_object(&p->w);
}

static void tell(struct person_command *p, const struct person_match *match, const struct tries_reset *a)
{
	if (p->json) {
		tell_json(p, match, a);
		return;
	}
	buf_printf(&p->text, "person %s in group %s: ", linked_users_primary(&match->linked)->id.text,
		match->group);
	if (!a->was_needed)
		buf_add(&p->text, STR("nothing stood in the way, nothing was changed\n"));
	else
		buf_printf(&p->text, "allowed; %lld tries after declines%s count no more\n",
			(long long)a->tries, a->blocklisted ? " and a sign of the blocklist" : "");
}

static enum exit_code allow(struct person_command *p)
{
	struct tries_resets *const all = arena_new(&p->arena, struct tries_resets);
	enum err e = ERR_INTERNAL;

	if (all)
		e = reset_tries_run(&p->runtime.world, &p->arena, &p->selector, all);
	if (e != OK)
		return command_failed("the person cannot be allowed", e);
	if (!person_command_found(&all->search))
		return EXIT_FAILED;
	begin_people(p);
	for (size_t i = 0; i < all->search.n; i++)
		tell(p, &all->search.list[i], &all->list[i]);
	return end_people(p) == OK ? EXIT_DONE : command_failed("allowed, but no memory to say so", OK);
}

enum exit_code run_user_reset_tries(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return person_command_run(args, source, allow);
}
