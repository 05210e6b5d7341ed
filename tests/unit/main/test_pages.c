/* Tests of every page of src/web/ with its table of values: each name in a template has a value of the right
 * kind, and the page can be rendered in every language, with all values and with none. A new page is a row of
 * `pages`. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "api/describe/docs_values.h"
#include "api/endpoints/return_page.h"
#include "app/mail/mail_html.h"
#include "base/attr.h"
#include "html/page.h"
#include "html/templates.h"
#include "main/daemon/inbox_page.h"
#include "sandbox/page/hosted_page.h"
#include "text/placeholders.h"
#include "web/console/pages.h"
#include "web/verify/notice.h"
#include "web/verify/values.h"

static const struct page_template *const pages[] = {
	&choice_page,
	&inbox_page,
	&result_page,
	&thanks_page,
	&docs_reference_page,
	&docs_document_page,
	&return_link_page,
	&verify_notice_page,
	&verify_pages[VERIFY_PAGE_START],
	&verify_pages[VERIFY_PAGE_ADDRESS],
	&verify_pages[VERIFY_PAGE_CODE],
	&verify_pages[VERIFY_PAGE_WALLET],
	&verify_pages[VERIFY_PAGE_SIGN],
	&verify_pages[VERIFY_PAGE_CHECK],
	&verify_pages[VERIFY_PAGE_RESULT],
	&mail_pages[MAIL_CODE],
	&mail_pages[MAIL_LINK],
	&mail_pages[MAIL_VERIFICATION_LINK],
	&console_audit_page,
	&console_key_page,
	&console_notice_page,
	&console_account_page,
	&console_branding_page,
	&console_endpoint_secret_page,
	&console_endpoint_test_page,
	&console_form_page,
	&console_operator_link_page,
	&console_operators_page,
	&console_preview_page,
	&console_overview_page,
	&console_register_page,
	&console_review_page,
	&console_reviews_page,
	&console_sign_in_page,
	&console_step_up_page,
	&console_system_page,
	&console_tenant_page,
	&console_tenants_page,
	&console_people_page,
	&console_people_found_page,
	&console_person_page,
	&console_person_erase_page,
	&console_person_erased_page,
	&console_delivery_page,
	&console_webhook_page,
	&console_webhooks_page,
};

/* The tables in which a name is searched, the innermost first. */
struct tables {
	const struct template_table *table;
	const struct tables *outer;
};

static const struct template_value *find(const struct tables *tables, struct str name)
{
	for (; tables; tables = tables->outer)
		for (size_t i = 0; i < tables->table->n; i++)
			if (str_eq(name, str_of(tables->table->values[i].name)))
				return &tables->table->values[i];
	return NULL;
}

static void check_value(
	const char *path, const struct tables *tables, enum template_place place, struct str name)
{
	const struct template_value *const value = find(tables, name);

	if (!value) {
		fail_msg("%s: {{%.*s}} has no value", path, STR_ARG(name));
		return;
	}
	if (value->kind == TEMPLATE_FLAG || value->kind == TEMPLATE_LIST ||
		(value->kind == TEMPLATE_MARKUP && place != TEMPLATE_IN_TEXT) ||
		(value->kind == TEMPLATE_COLOUR) != (place == TEMPLATE_IN_STYLE))
		fail_msg("%s: {{%.*s}} is of a kind that cannot be written here", path, STR_ARG(name));
}

static void check_message(const char *path, const struct tables *tables, const struct template_op *op)
{
	for (enum language language = 0; language < LANGUAGES; language++) {
		struct str rest = message_text(language, op->message), before, name;

		while (placeholder_next(&rest, &before, &name))
			check_value(path, tables, op->place, name);
	}
}

/* Checks all operations, also those of branches that no test reaches. */
static void check_ops(const struct template *template, size_t from, size_t to, const struct tables *tables)
{
	for (size_t i = from; i < to; i++) {
		const struct template_op *const op = &template->ops[i];
		const struct template_value *const value = find(tables, op->text);

		if (op->kind == TEMPLATE_OP_VALUE)
			check_value(template->path, tables, op->place, op->text);
		if (op->kind == TEMPLATE_OP_MESSAGE)
			check_message(template->path, tables, op);
		if (op->kind == TEMPLATE_OP_IF && !value)
			fail_msg("%s: {{#if %.*s}} has no value", template->path, STR_ARG(op->text));
		if (op->kind != TEMPLATE_OP_EACH)
			continue;
		if (!value || value->kind != TEMPLATE_LIST) {
			fail_msg("%s: {{#each %.*s}} is no list", template->path, STR_ARG(op->text));
			return;
		}
		check_ops(template, i + 1, op->next, &(struct tables){ value->items, tables });
		i = op->next - 1;
	}
}

static void every_name_in_a_template_has_a_value(void **state)
{
	const struct tables frame = { &page_frame_values, NULL };

	(void)state;
	for (size_t i = 0; i < array_len(pages); i++) {
		const struct tables group = { pages[i]->group_values, &frame };

		check_ops(pages[i]->template, 0, pages[i]->template->n,
			&(struct tables){ &pages[i]->values, group.table ? &group : &frame });
	}
}

static void every_template_is_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_templates; i++) {
		size_t page = 0;

		while (page < array_len(pages) && pages[page]->template != templates[i])
			page++;
		if (page == array_len(pages))
			fail_msg("%s: add its struct page_template to `pages`", templates[i]->path);
	}
}

/* A struct with a value in every member, and one item in every list. */
static void *filled(struct arena *a, const struct template_table *table)
{
	char *const values = arena_bytes(a, table->size + 1, 16);

	assert_non_null(values);
	for (size_t i = 0; i < table->n; i++) {
		const struct template_value *const value = &table->values[i];
		void *const member = values + value->offset;

		switch (value->kind) {
		case TEMPLATE_TEXT:
		case TEMPLATE_NAME:
		case TEMPLATE_MARKUP:
		case TEMPLATE_COLOUR:
			*(struct str *)member = STR("a");
			break;
		case TEMPLATE_FLAG:
			*(bool *)member = true;
			break;
		case TEMPLATE_MESSAGE:
			*(enum message_id *)member = MESSAGE_FRAME_LANGUAGE;
			break;
		case TEMPLATE_LIST:
			*(struct template_list *)member = (struct template_list){ filled(a, value->items),
				1 };
			break;
		}
	}
	return values;
}

static void assert_complete(const struct page_template *page, struct str text)
{
	if (!str_starts(text, STR("<!DOCTYPE html>\n<html lang=\"")) || !str_ends(text, STR("</html>\n")) ||
		!strstr(text.p, "<title>") || !strstr(text.p, "<h1") || strstr(text.p, "{{"))
		fail_msg("%s is incomplete: %s", page->template->path, text.p);
}

static void every_page_is_rendered_in_every_language(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(pages); i++) {
		for (enum language language = 0; language < LANGUAGES; language++) {
			struct page_frame frame = { .language = language, .brand = STR("B") };
			struct arena a;
			struct str text;

			arena_init(&a, ARENA_CALL_LIMIT);
			void *const empty = arena_bytes(&a, pages[i]->values.size + 1, 16);
			assert_non_null(empty);
			if (pages[i]->group_values)
				frame.group = arena_bytes(&a, pages[i]->group_values->size + 1, 16);
			print_message("# %s\n", pages[i]->template->path);
			assert_int_equal(page_render(&a, &frame, pages[i], empty, &text), OK);
			assert_complete(pages[i], text);
			frame.sandbox = true;
			if (pages[i]->group_values)
				frame.group = filled(&a, pages[i]->group_values);
			assert_int_equal(page_set_language_urls(&a, &frame, STR("/"), STR("")), OK);
			assert_int_equal(
				page_render(&a, &frame, pages[i], filled(&a, &pages[i]->values), &text), OK);
			assert_complete(pages[i], text);
			arena_finish(&a);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_in_a_template_has_a_value),
		cmocka_unit_test(every_template_is_checked),
		cmocka_unit_test(every_page_is_rendered_in_every_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
