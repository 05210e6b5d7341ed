/* What a request may hold, as OpenAPI says it: from the tables of forms and of the cards' parameters. */
#pragma once

#include "api/operation_doc.h"
#include "text/form.h"

void write_form_schema(struct json_writer *w, const struct form *form);
/* What must be there, and the first of those of which one must be. */
void write_form_example(struct json_writer *w, const struct form *form);
void write_param(struct json_writer *w, const struct param_doc *param);
/* A form that is read from the query: its fields, each a parameter. */
void write_query_params(struct json_writer *w, const struct form *form);
