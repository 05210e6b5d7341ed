/* Writes the OpenAPI schemas of requests, generated from the tables of forms and parameters. */
#pragma once

#include "api/core/route.h"

/* Writes the JSON Schema of a JSON body. */
void write_form_schema(struct json_writer *w, const struct form *form);
/* Writes an example body. It has all required fields; if one field of a group is required, it has the first
 * field of that group, and if no field is required, the first field. */
void write_form_example(struct json_writer *w, const struct form *form);
/* A parameter object. */
void write_param(struct json_writer *w, const struct param_doc *param);
/* Writes the parameter objects of a form that is read from the query. */
void write_query_params(struct json_writer *w, const struct form *form);
/* Returns the type of a field for the API reference, as static text. */
const char *form_field_type(const struct form *form, size_t i);
