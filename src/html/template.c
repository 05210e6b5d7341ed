#include "html/template.h"

#include <string.h>

#include "text/encode.h"
#include "text/placeholders.h"

struct rendering {
	struct buf *out;
	enum language language;
};

/* A value and the struct that contains it. */
struct found_value {
	const struct template_value *value;
	const char *values;
};

static bool find_value(const struct template_scope *scope, struct str name, struct found_value *found)
{
	for (; scope; scope = scope->outer) {
		for (size_t i = 0; i < scope->table->n; i++) {
			if (!str_eq(name, str_of(scope->table->values[i].name)))
				continue;
			*found = (struct found_value){ &scope->table->values[i], scope->values };
			return true;
		}
	}
	return false;
}

static const void *member_of(const struct found_value *found)
{
	return found->values + found->value->offset;
}

static bool is_true(const struct found_value *found)
{
	switch (found->value->kind) {
	case TEMPLATE_TEXT:
	case TEMPLATE_NAME:
	case TEMPLATE_MARKUP:
	case TEMPLATE_COLOUR:
		return ((const struct str *)member_of(found))->n > 0;
	case TEMPLATE_FLAG:
		return *(const bool *)member_of(found);
	case TEMPLATE_MESSAGE:
		return *(const enum message_id *)member_of(found) != MESSAGE_NONE;
	case TEMPLATE_LIST:
		return ((const struct template_list *)member_of(found))->n > 0;
	}
	return false;
}

/* A value that begins a URL may have one of these starts. Everything else, such as `javascript:`, is
 * replaced, because browsers would run it as a script. */
static bool is_allowed_url(struct str url)
{
	static const struct str starts[] = { STR_INIT("https://"), STR_INIT("http://"), STR_INIT("mailto:"),
		STR_INIT("/"), STR_INIT("?"), STR_INIT("#") };

	for (size_t i = 0; i < array_len(starts); i++)
		if (str_starts(url, starts[i]))
			return true;
	return url.n == 0;
}

static void write_text(struct buf *out, enum template_place place, struct str text)
{
	switch (place) {
	case TEMPLATE_IN_TEXT:
	case TEMPLATE_IN_ATTRIBUTE:
		html_escape(out, text);
		return;
	case TEMPLATE_IN_URL:
		html_escape(out, is_allowed_url(text) ? text : STR("#"));
		return;
	case TEMPLATE_IN_URL_PART:
		percent_encode(out, text);
		return;
	case TEMPLATE_IN_STYLE:
		break;
	}
	out->failed = true;
}

static bool is_colour(struct str text)
{
	static const struct str allowed = STR_INIT("abcdefghijklmnopqrstuvwxyz0123456789#(),.%");

	for (size_t i = 0; i < text.n; i++)
		if (!str_has(allowed, text.p[i]))
			return false;
	return true;
}

static void write_colour(struct buf *out, enum template_place place, struct str colour)
{
	if (place == TEMPLATE_IN_STYLE && is_colour(colour))
		buf_add(out, colour);
	else
		out->failed = true;
}

static void write_name(struct buf *out, enum template_place place, struct str name)
{
	if (place == TEMPLATE_IN_TEXT)
		buf_add(out, STR("<bdi>"));
	write_text(out, place, name);
	if (place == TEMPLATE_IN_TEXT)
		buf_add(out, STR("</bdi>"));
}

static void write_message(const struct rendering *r, const struct template_scope *scope,
	enum template_place place, enum message_id message);

static void write_value(const struct rendering *r, const struct template_scope *scope,
	enum template_place place, struct str name)
{
	struct found_value found;

	if (!find_value(scope, name, &found)) {
		r->out->failed = true;
		return;
	}
	switch (found.value->kind) {
	case TEMPLATE_TEXT:
		write_text(r->out, place, *(const struct str *)member_of(&found));
		return;
	case TEMPLATE_NAME:
		write_name(r->out, place, *(const struct str *)member_of(&found));
		return;
	case TEMPLATE_MARKUP:
		if (place != TEMPLATE_IN_TEXT)
			break;
		buf_add(r->out, *(const struct str *)member_of(&found));
		return;
	case TEMPLATE_COLOUR:
		write_colour(r->out, place, *(const struct str *)member_of(&found));
		return;
	case TEMPLATE_MESSAGE:
		write_message(r, scope, place, *(const enum message_id *)member_of(&found));
		return;
	case TEMPLATE_FLAG:
	case TEMPLATE_LIST:
		break;
	}
	r->out->failed = true;
}

static void write_message(const struct rendering *r, const struct template_scope *scope,
	enum template_place place, enum message_id message)
{
	struct str rest = message_text(r->language, message), before, name;
	struct found_value found;

	while (placeholder_next(&rest, &before, &name)) {
		write_text(r->out, place, before);
		/* A message in a message could contain itself. */
		if (find_value(scope, name, &found) && found.value->kind == TEMPLATE_MESSAGE)
			r->out->failed = true;
		else
			write_value(r, scope, place, name);
	}
	write_text(r->out, place, before);
}

static void render_range(const struct rendering *r, const struct template_op *ops, size_t from, size_t to,
	const struct template_scope *scope);

static void render_each(const struct rendering *r, const struct template_op *ops, size_t each,
	const struct template_scope *scope)
{
	struct found_value found;
	struct template_scope inner = { .outer = scope };
	const struct template_list *list;

	if (!find_value(scope, ops[each].text, &found) || found.value->kind != TEMPLATE_LIST) {
		r->out->failed = true;
		return;
	}
	list = member_of(&found);
	inner.table = found.value->items;
	for (size_t i = 0; i < list->n; i++) {
		inner.values = (const char *)list->items + i * inner.table->size;
		render_range(r, ops, each + 1, ops[each].next, &inner);
	}
}

static bool condition_of(const struct rendering *r, struct str name, const struct template_scope *scope)
{
	struct found_value found;

	if (find_value(scope, name, &found))
		return is_true(&found);
	r->out->failed = true;
	return false;
}

static void render_range(const struct rendering *r, const struct template_op *ops, size_t from, size_t to,
	const struct template_scope *scope)
{
	size_t i = from;

	while (i < to) {
		const struct template_op *const op = &ops[i++];

		switch (op->kind) {
		case TEMPLATE_OP_MARKUP:
			buf_add(r->out, op->text);
			break;
		case TEMPLATE_OP_VALUE:
			write_value(r, scope, op->place, op->text);
			break;
		case TEMPLATE_OP_MESSAGE:
			write_message(r, scope, op->place, op->message);
			break;
		case TEMPLATE_OP_IF:
			if (!condition_of(r, op->text, scope))
				i = op->next;
			break;
		case TEMPLATE_OP_JUMP:
			i = op->next;
			break;
		case TEMPLATE_OP_EACH:
			render_each(r, ops, i - 1, scope);
			i = op->next;
			break;
		}
	}
}

void template_render(struct buf *out, const struct template *template, enum language language,
	const struct template_scope *scope)
{
	const struct rendering r = { out, language };

	render_range(&r, template->ops, 0, template->n, scope);
}
