/* Writes the OpenAPI schemas of requests, generated from the tables of forms and parameters. */
#pragma once

#include "api/core/route.h"

/* The schema of a JSON body. */
void write_form_schema(struct json_writer *w, const struct form *form);
/* An example body: all required fields, and the first field of a group of which one is required. */
void write_form_example(struct json_writer *w, const struct form *form);
/* A parameter object. */
void write_param(struct json_writer *w, const struct param_doc *param);
/* The parameter objects of a form that is read from the query. */
void write_query_params(struct json_writer *w, const struct form *form);
