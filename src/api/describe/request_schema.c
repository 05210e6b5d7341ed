#include "api/describe/request_schema.h"

static void write_field_schema(struct json_writer *w, const struct field *f)
{
	json_begin_object(w);
	json_key(w, "type");
	if (f->kind == FIELD_SCALAR) {
		json_begin_array(w);
		json_put_text(w, STR("string"));
		json_put_text(w, STR("integer"));
		json_end_array(w);
	} else {
		json_put_text(w, f->kind == FIELD_INTEGER ? STR("integer") : STR("string"));
	}
	json_field_text(w, "description", str_of(f->description));
	if (f->kind == FIELD_EMAIL)
		json_field_text(w, "format", str_of("email"));
	if (f->kind == FIELD_INTEGER || f->min > 0)
		json_field_int(w, f->kind == FIELD_INTEGER ? "minimum" : "minLength", (int64_t)f->min);
	if (f->max > 0)
		json_field_int(w, f->kind == FIELD_INTEGER ? "maximum" : "maxLength", (int64_t)f->max);
	json_key(w, "examples");
	json_begin_array(w);
	if (f->kind == FIELD_INTEGER)
		json_put_raw(w, str_of(f->example));
	else
		json_put_text(w, str_of(f->example));
	json_end_array(w);
	json_end_object(w);
}

/* `alternative` is one more field that must be given, or form->n. */
static void write_object_schema(struct json_writer *w, const struct form *form, size_t alternative)
{
	bool any = alternative < form->n;

	json_begin_object(w);
	json_field_text(w, "type", str_of("object"));
	for (size_t i = 0; i < form->n; i++)
		any = any || form->fields[i].presence == FIELD_REQUIRED;
	if (any) {
		json_key(w, "required");
		json_begin_array(w);
		for (size_t i = 0; i < form->n; i++)
			if (i == alternative || form->fields[i].presence == FIELD_REQUIRED)
				json_put_text(w, str_of(form->fields[i].name));
		json_end_array(w);
	}
	json_key(w, "properties");
	json_begin_object(w);
	for (size_t i = 0; i < form->n; i++) {
		json_key(w, form->fields[i].name);
		write_field_schema(w, &form->fields[i]);
	}
	json_end_object(w);
	json_field_bool(w, "additionalProperties", false);
	json_end_object(w);
}

/* Code generators ignore the properties beside an `anyOf`, so each alternative is a complete object. The
 * server ignores unknown fields; the schema refuses them so that a misspelt field does not compile in
 * generated code. */
void write_form_schema(struct json_writer *w, const struct form *form)
{
	if (!form->one_of) {
		write_object_schema(w, form, form->n);
		return;
	}
	json_begin_object(w);
	json_key(w, "anyOf");
	json_begin_array(w);
	for (size_t i = 0; i < form->one_of_first; i++)
		write_object_schema(w, form, i);
	json_end_array(w);
	json_end_object(w);
}

void write_param(struct json_writer *w, const struct param_doc *param)
{
	static const char *const places[] = {
		[IN_PATH] = "path", [IN_QUERY] = "query", [IN_HEADER] = "header"
	};

	json_begin_object(w);
	json_field_text(w, "name", str_of(param->name));
	json_field_text(w, "in", str_of(places[param->place]));
	json_field_bool(w, "required", param->required);
	json_field_text(w, "description", str_of(param->description));
	json_key(w, "schema");
	json_begin_object(w);
	json_field_text(w, "type", str_of("string"));
	if (param->values)
		write_enum(w, param->values, false);
	json_end_object(w);
	json_field_text(w, "example", str_of(param->example));
	json_end_object(w);
}

/* The descriptions of the parameters state when at least one of several is required; OpenAPI cannot express
 * that. */
void write_query_params(struct json_writer *w, const struct form *form)
{
	for (size_t i = 0; i < form->n; i++) {
		json_begin_object(w);
		json_field_text(w, "name", str_of(form->fields[i].name));
		json_field_text(w, "in", str_of("query"));
		json_field_bool(w, "required", form->fields[i].presence == FIELD_REQUIRED);
		json_field_text(w, "description", str_of(form->fields[i].description));
		json_key(w, "schema");
		write_field_schema(w, &form->fields[i]);
		json_end_object(w);
	}
}

void write_form_example(struct json_writer *w, const struct form *form)
{
	json_begin_object(w);
	for (size_t i = 0; i < form->n; i++) {
		const struct field *const f = &form->fields[i];

		if (f->presence == FIELD_REQUIRED || (form->one_of && i == 0))
			json_field_text(w, f->name, str_of(f->example));
	}
	json_end_object(w);
}

const char *form_field_type(const struct form *form, size_t i)
{
	const struct field *const f = &form->fields[i];

	if (form->one_of && i < form->one_of_first)
		return "string, one of these is required";
	if (f->presence == FIELD_REQUIRED)
		return "string, required";
	if (f->kind == FIELD_SCALAR)
		return "string or integer, optional";
	return f->kind == FIELD_INTEGER ? "integer, optional" : "string, optional";
}
