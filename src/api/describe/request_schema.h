/* Requests in OpenAPI's terms, derived from the tables of forms and parameters. */
#pragma once

#include "api/core/route.h"

void write_form_schema(struct json_writer *w, const struct form *form);
/* The required fields, and the first of those of which one is required. */
void write_form_example(struct json_writer *w, const struct form *form);
void write_param(struct json_writer *w, const struct param_doc *param);
/* The fields of a form that is read from the query, as parameters. */
void write_query_params(struct json_writer *w, const struct form *form);
