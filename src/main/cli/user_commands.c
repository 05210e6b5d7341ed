#include <string.h>

#include "app/admin/person_report.h"
#include "app/admin/reset_tries.h"
#include "app/core/audit.h"
#include "main/cli/audit_output.h"
#include "main/cli/person_command.h"
#include "main/cli/user_output.h"

#define PAGE 128 /* number of audit entries that are read at a time */

static void write_audit_entry(struct person_command *p, const struct audit_entry *row)
{
	if (p->json) {
		audit_output_json(&p->w, row);
		return;
	}
	buf_add(&p->text, STR("    "));
	audit_output_line(&p->text, row);
}

/* The audit log of one user, read page by page. A person may have several linked users. */
struct user_audit {
	struct audit_cursor cursor;
	struct audit_entry *rows;
	size_t n, at;
};

/* Reads the next page of the log if all entries of the current page have been written. */
static enum err user_audit_read_page(struct person_command *p, struct user_audit *log)
{
	if (log->at < log->n || (log->cursor.begun && log->n < PAGE))
		return OK;
	log->at = 0;
	return audit_read(&p->runtime.world, &p->arena, &log->cursor, log->rows, PAGE, &log->n);
}

static enum err user_audit_begin(struct person_command *p, const struct user *user, struct user_audit *log)
{
	*log = (struct user_audit){ .rows = arena_array(&p->arena, struct audit_entry, PAGE) };
	if (!log->rows ||
		!str_copy_to(str_of(user->id.text), log->cursor.subject, sizeof(log->cursor.subject)))
		return ERR_INTERNAL;
	return user_audit_read_page(p, log);
}

/* Returns the log whose next entry is the oldest, or NULL if all entries of all logs have been written. */
static struct user_audit *find_oldest(struct user_audit *logs, size_t n)
{
	struct user_audit *found = NULL;

	for (size_t i = 0; i < n; i++) {
		struct user_audit *const log = &logs[i];

		if (log->at < log->n &&
			(!found || strcmp(log->rows[log->at].id.text, found->rows[found->at].id.text) < 0))
			found = log;
	}
	return found;
}

/* Writes the audit logs of all linked users as one list, oldest entry first. */
static enum err write_audit_log(struct person_command *p, const struct linked_users *linked)
{
	struct user_audit logs[ADDRESSES_MAX], *log;

	for (size_t i = 0; i < linked->n; i++)
		TRY(user_audit_begin(p, &linked->users[i], &logs[i]));
	while ((log = find_oldest(logs, linked->n))) {
		write_audit_entry(p, &log->rows[log->at++]);
		if (log->at == log->n)
			TRY(person_command_flush(p));
		TRY(user_audit_read_page(p, log));
	}
	return OK;
}

static enum err write_report(struct person_command *p, const struct person_report *report)
{
	if (!p->json) {
		user_output_lines(&p->text, report);
		buf_add(&p->text, STR("  audit log\n"));
		return write_audit_log(p, &report->match->linked);
	}
	json_begin_object(&p->w);
	user_output_json(&p->w, report);
	json_key(&p->w, "audit");
	json_begin_array(&p->w);
	TRY(write_audit_log(p, &report->match->linked));
	json_end_array(&p->w);
	json_end_object(&p->w);
	return OK;
}

static void begin_people_json(struct person_command *p)
{
	if (!p->json)
		return;
	json_begin_object(&p->w);
	json_key(&p->w, "people");
	json_begin_array(&p->w);
}

static enum err end_and_flush_people(struct person_command *p)
{
	if (p->json) {
		json_end_array(&p->w);
		json_end_object(&p->w);
		buf_char(&p->text, '\n');
	}
	return person_command_flush(p);
}

static enum err write_reports(struct person_command *p, const struct person_reports *reports)
{
	begin_people_json(p);
	for (size_t i = 0; i < reports->search.n; i++)
		TRY(write_report(p, &reports->list[i]));
	return end_and_flush_people(p);
}

static enum exit_code show_people(struct person_command *p)
{
	struct person_reports *const reports = arena_new(&p->arena, struct person_reports);
	enum err e = ERR_INTERNAL;

	if (reports)
		e = person_reports_read(&p->runtime.world, &p->arena, &p->selector, reports);
	if (e == OK && !person_command_found(&reports->search))
		return EXIT_FAILED;
	if (e == OK)
		e = write_reports(p, reports);
	return e == OK ? EXIT_DONE : command_failed("the person'log data cannot be read", e);
}

enum exit_code run_user_show(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return person_command_run(args, source, show_people);
}

static void write_reset_json(
	struct person_command *p, const struct person_match *match, const struct tries_reset *reset)
{
	json_begin_object(&p->w);
	json_field_text(&p->w, "id", str_of(linked_users_primary(&match->linked)->id.text));
	json_field_text(&p->w, "group", str_of(match->group));
	json_field_bool(&p->w, "was_needed", reset->was_needed);
	json_field_int(&p->w, "tries", reset->tries);
	json_field_bool(&p->w, "blocklisted", reset->blocklisted);
	json_end_object(&p->w);
}

static void write_reset(
	struct person_command *p, const struct person_match *match, const struct tries_reset *reset)
{
	if (p->json) {
		write_reset_json(p, match, reset);
		return;
	}
	buf_printf(&p->text, "person %s in group %s: ", linked_users_primary(&match->linked)->id.text,
		match->group);
	if (!reset->was_needed)
		buf_add(&p->text, STR("another try was possible already; nothing was changed\n"));
	else
		buf_printf(&p->text,
			"another try is permitted: %lld tries after declines%s no longer count\n",
			(long long)reset->tries, reset->blocklisted ? " and a blocklist mark" : "");
}

static enum exit_code reset_people(struct person_command *p)
{
	const struct actor actor = { .kind = ACTOR_OPERATOR };
	struct tries_resets *const all = arena_new(&p->arena, struct tries_resets);
	enum err e = ERR_INTERNAL;

	if (all)
		e = reset_tries_run(&p->runtime.world, &p->arena, &actor, &p->selector, all);
	if (e != OK)
		return command_failed("the person'log tries cannot be reset", e);
	if (!person_command_found(&all->search))
		return EXIT_FAILED;
	begin_people_json(p);
	for (size_t i = 0; i < all->search.n; i++)
		write_reset(p, &all->search.list[i], &all->list[i]);
	return end_and_flush_people(p) == OK
		       ? EXIT_DONE
		       : command_failed(
				 "the tries were reset, but the result cannot be printed: out of memory", OK);
}

enum exit_code run_user_reset_tries(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return person_command_run(args, source, reset_people);
}
