#include "api/describe/request_schema.h"

/* Writes the parts of a text that are separated by commas as a list. */
static void write_words(struct json_writer *w, const char *words)
{
	struct str rest = str_of(words), word;
	bool more = true;

	json_begin_array(w);
	while (more) {
		more = str_cut(&rest, ',', &word);
		json_put_text(w, word);
	}
	json_end_array(w);
}

/* In JSON a list of texts; in a query the words of one text. */
static void write_words_schema(struct json_writer *w, const struct field *f)
{
	json_begin_object(w);
	json_field_text(w, "type", STR("array"));
	json_field_text(w, "description", str_of(f->description));
	json_key(w, "items");
	json_begin_object(w);
	json_field_text(w, "type", STR("string"));
	json_end_object(w);
	json_field_int(w, "minItems", (int64_t)f->min);
	json_field_int(w, "maxItems", (int64_t)f->max);
	json_key(w, "examples");
	json_begin_array(w);
	write_words(w, f->example);
	json_end_array(w);
	json_end_object(w);
}

static void write_flag_schema(struct json_writer *w, const struct field *f)
{
	json_begin_object(w);
	json_field_text(w, "type", STR("boolean"));
	json_field_text(w, "description", str_of(f->description));
	json_end_object(w);
}

static void write_bounds(struct json_writer *w, const struct field *f)
{
	if (f->kind == FIELD_WORDS)
		return;
	if (f->kind == FIELD_INTEGER || f->min > 0)
		json_field_int(w, f->kind == FIELD_INTEGER ? "minimum" : "minLength", (int64_t)f->min);
	if (f->max > 0)
		json_field_int(w, f->kind == FIELD_INTEGER ? "maximum" : "maxLength", (int64_t)f->max);
}

static void write_field_schema(struct json_writer *w, const struct field *f)
{
	if (f->kind == FIELD_FLAG) {
		write_flag_schema(w, f);
		return;
	}
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
	write_bounds(w, f);
	json_key(w, "examples");
	json_begin_array(w);
	if (f->kind == FIELD_INTEGER)
		json_put_raw(w, str_of(f->example));
	else
		json_put_text(w, str_of(f->example));
	json_end_array(w);
	json_end_object(w);
}

static bool has_required_field(const struct form *form)
{
	for (size_t i = 0; i < form->n; i++)
		if (form->fields[i].presence == FIELD_REQUIRED)
			return true;
	return false;
}

/* `alternative` is one more field that must be given, or form->n. */
static void write_object_schema(struct json_writer *w, const struct form *form, size_t alternative)
{
	json_begin_object(w);
	json_field_text(w, "type", str_of("object"));
	if (alternative < form->n || has_required_field(form)) {
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
		if (form->fields[i].kind == FIELD_WORDS)
			write_words_schema(w, &form->fields[i]);
		else
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
	const bool any_required = has_required_field(form);

	json_begin_object(w);
	for (size_t i = 0; i < form->n; i++) {
		const struct field *const f = &form->fields[i];

		if (f->presence != FIELD_REQUIRED && !(i == 0 && (form->one_of || !any_required)))
			continue;
		json_key(w, f->name);
		if (f->kind == FIELD_WORDS)
			write_words(w, f->example);
		else if (f->kind == FIELD_INTEGER || f->kind == FIELD_FLAG)
			json_put_raw(w, str_of(f->example));
		else
			json_put_text(w, str_of(f->example));
	}
	json_end_object(w);
}

const char *form_field_type(const struct form *form, size_t i)
{
	static const char *const names[][3] = {
		[FIELD_TEXT] = { "string, required", "string, optional", "string, one of these is required" },
		[FIELD_SCALAR] = { "string, required", "string or integer, optional",
			"string, one of these is required" },
		[FIELD_INTEGER] = { "string, required", "integer, optional",
			"integer, one of these is required" },
		[FIELD_WORDS] = { "list of strings, required", "list of strings, optional",
			"list of strings, one of these is required" },
		[FIELD_FLAG] = { "boolean, required", "boolean, optional",
			"boolean, one of these is required" },
	};
	const struct field *const f = &form->fields[i];
	const char *const *const row = names[names[f->kind][0] != NULL ? f->kind : FIELD_TEXT];

	if (form->one_of && i < form->one_of_first)
		return row[2];
	return row[f->presence == FIELD_REQUIRED ? 0 : 1];
}
