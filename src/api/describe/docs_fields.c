#include "api/describe/docs_build.h"
#include "api/describe/request_schema.h"

static const char *const member_types[] = {
	[MEMBER_TEXT] = "string",
	[MEMBER_URL] = "string, a URL",
	[MEMBER_BOOL] = "boolean",
	[MEMBER_INT] = "integer",
	[MEMBER_CONST_TEXT] = "string",
	[MEMBER_CONST_INT] = "integer",
	[MEMBER_TRUE] = "boolean",
	[MEMBER_NULL] = "null",
	[MEMBER_OBJECT] = "object",
	[MEMBER_LIST] = "array of objects",
	[MEMBER_WORDS] = "array of strings",
};

static void add_values(struct docs_builder *b, struct template_list *words, value_list *values)
{
	for (size_t i = 0; values && values(i); i++)
		if (values(i)[0] != '\0' && !value_is_repeated(values, i))
			docs_add_word(b, words, STR(""), str_of(values(i)));
}

static bool has_one_value(enum member_kind kind)
{
	return kind == MEMBER_CONST_TEXT || kind == MEMBER_CONST_INT || kind == MEMBER_TRUE;
}

/* Adds the members of an object and of the objects in it, whose paths begin with `prefix`. */
static void add_members(struct docs_builder *b, struct template_list *fields, struct str prefix,
	const struct json_schema *schema, bool is_optional)
{
	for (size_t i = 0; schema && i < schema->n; i++) {
		const struct schema_member *const m = &schema->members[i];
		struct docs_field *const f = docs_add(b, fields, sizeof(*f));
		const char *const between = m->kind == MEMBER_LIST ? "[]." : ".";

		if (!f)
			return;
		f->path = arena_printf(b->a, "%.*s%s", STR_ARG(prefix), m->name);
		f->type = str_of(member_types[m->kind]);
		f->markup = docs_prose(b, m->description ? m->description : "");
		f->is_nullable = m->nullable;
		f->is_optional = is_optional;
		if (has_one_value(m->kind))
			docs_add_word(b, &f->words, STR(""), str_of(m->example));
		add_values(b, &f->words, m->values);
		/* `f` may move when members are added. */
		const struct str inner = arena_printf(b->a, "%.*s%s", STR_ARG(f->path), between);
		b->failed = b->failed || !inner.p;
		add_members(b, fields, inner, m->schema, is_optional);
	}
	if (schema && schema->optional)
		add_members(b, fields, prefix, schema->optional, true);
}

void docs_add_answer_fields(
	struct docs_builder *b, struct template_list *fields, const struct route_response *answer)
{
	const struct response_doc *const doc = answer->doc;

	if (doc) {
		add_members(b, fields, STR("data."), doc->data, doc->data_optional);
		add_members(b, fields, STR("details."), doc->details, doc->details_optional);
	}
	if (answer->plain)
		add_members(b, fields, STR(""), answer->plain->schema, false);
}

static void add_param(struct docs_builder *b, struct template_list *fields, const struct param_doc *param)
{
	static const char *const places[] = {
		[IN_PATH] = "in the path", [IN_QUERY] = "in the query", [IN_HEADER] = "header"
	};
	struct docs_field *const f = docs_add(b, fields, sizeof(*f));

	if (!f)
		return;
	f->path = str_of(param->name);
	f->type = arena_printf(
		b->a, "string, %s, %s", places[param->place], param->required ? "required" : "optional");
	f->markup = docs_prose(b, param->description);
	add_values(b, &f->words, param->values);
}

void docs_add_request_fields(struct docs_builder *b, struct template_list *fields, const struct route *route)
{
	const struct form *const form = route->form;

	for (size_t i = 0; i < route->doc->n_params; i++)
		add_param(b, fields, &route->doc->params[i]);
	for (size_t i = 0; form && i < form->n; i++) {
		struct docs_field *const f = docs_add(b, fields, sizeof(*f));

		if (!f)
			return;
		f->path = str_of(form->fields[i].name);
		f->type = str_of(form_field_type(form, i));
		f->markup = docs_prose(b, form->fields[i].description);
	}
}
