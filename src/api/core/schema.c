#include "api/core/schema.h"

#include <string.h>

#include "base/attr.h"

/* clang-format off */
static const char *const types[] = {
	[MEMBER_TEXT] = "string", [MEMBER_URL] = "string", [MEMBER_BOOL] = "boolean",
	[MEMBER_INT] = "integer", [MEMBER_CONST_TEXT] = "string",
	[MEMBER_CONST_INT] = "integer", [MEMBER_TRUE] = "boolean", [MEMBER_NULL] = "string", [MEMBER_OBJECT] = "object",
	[MEMBER_LIST] = "array", [MEMBER_WORDS] = "array",
};
/* clang-format on */

bool value_is_repeated(value_list *values, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(values(j), values(i)) == 0)
			return true;
	return false;
}

void write_enum(struct json_writer *w, value_list *values, bool nullable)
{
	json_key(w, "enum");
	json_begin_array(w);
	for (size_t i = 0; values(i); i++)
		if (values(i)[0] != '\0' && !value_is_repeated(values, i))
			json_put_text(w, str_of(values(i)));
	if (nullable)
		json_put_null(w);
	json_end_array(w);
}

static void write_type(struct json_writer *w, const struct schema_member *m)
{
	/* Some generators drop a member whose only type is "null"; its type is therefore a nullable string.
	 */
	if (!m->nullable && m->kind != MEMBER_NULL) {
		json_field_text(w, "type", str_of(types[m->kind]));
		return;
	}
	json_key(w, "type");
	json_begin_array(w);
	json_put_text(w, str_of(types[m->kind]));
	json_put_text(w, STR("null"));
	json_end_array(w);
}

static void write_value(struct json_writer *w, const struct schema_member *m)
{
	switch (m->kind) {
	case MEMBER_TEXT:
	case MEMBER_URL:
	case MEMBER_CONST_TEXT:
		json_put_text(w, str_of(m->example));
		break;
	case MEMBER_INT:
	case MEMBER_CONST_INT:
	case MEMBER_BOOL:
	case MEMBER_TRUE:
		json_put_raw(w, str_of(m->example));
		break;
	case MEMBER_NULL:
		json_put_null(w);
		break;
	case MEMBER_OBJECT:
		if (m->example != NULL)
			json_put_raw(w, str_of(m->example));
		else
			write_example(w, m->schema);
		break;
	case MEMBER_LIST:
		json_begin_array(w);
		write_example(w, m->schema);
		json_end_array(w);
		break;
	case MEMBER_WORDS:
		json_begin_array(w);
		json_put_text(w, str_of(m->example));
		json_end_array(w);
		break;
	}
}

static void write_word_items(struct json_writer *w, const struct schema_member *m)
{
	json_key(w, "items");
	json_begin_object(w);
	json_field_text(w, "type", STR("string"));
	if (m->values)
		write_enum(w, m->values, false);
	json_end_object(w);
}

static void write_member(struct json_writer *w, const struct schema_member *m)
{
	json_key(w, m->name);
	if (m->kind == MEMBER_OBJECT) {
		write_schema(w, m->schema);
		return;
	}
	json_begin_object(w);
	write_type(w, m);
	if (m->description)
		json_field_text(w, "description", str_of(m->description));
	if (m->kind == MEMBER_CONST_TEXT || m->kind == MEMBER_CONST_INT || m->kind == MEMBER_TRUE) {
		json_key(w, "const");
		write_value(w, m);
	}
	if (m->kind == MEMBER_URL)
		json_field_text(w, "format", STR("uri"));
	if (m->kind == MEMBER_WORDS)
		write_word_items(w, m);
	else if (m->values)
		write_enum(w, m->values, m->nullable);
	if (m->kind == MEMBER_LIST) {
		json_key(w, "items");
		write_schema(w, m->schema);
	}
	json_end_object(w);
}

void write_schema(struct json_writer *w, const struct json_schema *schema)
{
	json_begin_object(w);
	json_field_text(w, "type", STR("object"));
	json_key(w, "required");
	json_begin_array(w);
	for (size_t i = 0; i < schema->n; i++)
		json_put_text(w, str_of(schema->members[i].name));
	json_end_array(w);
	json_key(w, "properties");
	json_begin_object(w);
	for (size_t i = 0; i < schema->n; i++)
		write_member(w, &schema->members[i]);
	for (size_t i = 0; schema->optional && i < schema->optional->n; i++)
		write_member(w, &schema->optional->members[i]);
	json_end_object(w);
	json_field_bool(w, "additionalProperties", false);
	json_end_object(w);
}

void write_example(struct json_writer *w, const struct json_schema *schema)
{
	json_begin_object(w);
	for (size_t i = 0; i < schema->n; i++) {
		json_key(w, schema->members[i].name);
		write_value(w, &schema->members[i]);
	}
	json_end_object(w);
}
