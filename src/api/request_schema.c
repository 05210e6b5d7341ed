#include "api/request_schema.h"

#include "api/bodies.h"

static void write_field_schema(struct js_writer *w, const struct field *f)
{
	const struct field_note *const words = field_note(f->name);

	js_object(w);
	js_field_text(w, "type", str_of("string"));
	js_field_text(w, "description", str_of(words->says));
	if (f->kind == FIELD_EMAIL)
		js_field_text(w, "format", str_of("email"));
	if (f->min > 0)
		js_field_int(w, "minLength", (int64_t)f->min);
	if (f->max > 0)
		js_field_int(w, "maxLength", (int64_t)f->max);
	js_key(w, "examples");
	js_array(w);
	js_put_text(w, str_of(words->example));
	js_array_end(w);
	js_object_end(w);
}

static void write_required(struct js_writer *w, const struct form *form)
{
	bool any = false;

	for (size_t i = 0; i < form->n; i++)
		any = any || form->fields[i].presence == FIELD_REQUIRED;
	if (any) {
		js_key(w, "required");
		js_array(w);
		for (size_t i = 0; i < form->n; i++)
			if (form->fields[i].presence == FIELD_REQUIRED)
				js_put_text(w, str_of(form->fields[i].name));
		js_array_end(w);
	}
	if (!form->one_of)
		return;
	js_key(w, "anyOf");
	js_array(w);
	for (size_t i = 0; i < form->one_of_first; i++) {
		js_object(w);
		js_key(w, "required");
		js_array(w);
		js_put_text(w, str_of(form->fields[i].name));
		js_array_end(w);
		js_object_end(w);
	}
	js_array_end(w);
}

void write_form_schema(struct js_writer *w, const struct form *form)
{
	js_object(w);
	js_field_text(w, "type", str_of("object"));
	write_required(w, form);
	js_key(w, "properties");
	js_object(w);
	for (size_t i = 0; i < form->n; i++) {
		js_key(w, form->fields[i].name);
		write_field_schema(w, &form->fields[i]);
	}
	js_object_end(w);
	js_object_end(w);
}

void write_param(struct js_writer *w, const struct param *param)
{
	static const char *const places[] = {
		[IN_PATH] = "path", [IN_QUERY] = "query", [IN_HEADER] = "header"
	};

	js_object(w);
	js_field_text(w, "name", str_of(param->name));
	js_field_text(w, "in", str_of(places[param->place]));
	js_field_bool(w, "required", param->required);
	js_field_text(w, "description", str_of(param->says));
	js_key(w, "schema");
	js_object(w);
	js_field_text(w, "type", str_of("string"));
	if (param->words)
		write_words(w, param->words, false);
	js_object_end(w);
	js_field_text(w, "example", str_of(param->example));
	js_object_end(w);
}

/* At least one of some cannot be said of a query: the words and the 400 do. */
void write_query_params(struct js_writer *w, const struct form *form)
{
	for (size_t i = 0; i < form->n; i++) {
		js_object(w);
		js_field_text(w, "name", str_of(form->fields[i].name));
		js_field_text(w, "in", str_of("query"));
		js_field_bool(w, "required", form->fields[i].presence == FIELD_REQUIRED);
		js_field_text(w, "description", str_of(field_note(form->fields[i].name)->says));
		js_key(w, "schema");
		write_field_schema(w, &form->fields[i]);
		js_object_end(w);
	}
}

void write_form_example(struct js_writer *w, const struct form *form)
{
	js_object(w);
	for (size_t i = 0; i < form->n; i++) {
		const struct field *const f = &form->fields[i];

		if (f->presence == FIELD_REQUIRED || (form->one_of && i == 0))
			js_field_text(w, f->name, str_of(field_note(f->name)->example));
	}
	js_object_end(w);
}
