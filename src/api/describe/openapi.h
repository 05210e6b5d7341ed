/* The OpenAPI 3.1 description, generated from the routes. */
#pragma once

#include "api/core/dispatch.h"
#include "api/describe/api_spec.h"

/* Memory for generating a description; more than a call's arena. */
#define DESCRIPTION_MEMORY ((size_t)1024 * 1024)

/* About 60 KB of JSON. ERR_INPUT: it does not fit in the arena. */
enum err openapi_print(struct arena *a, const struct api_spec *d, struct str *out) must_use;

/* Generates the description of this listener's routes once, into `a`, which outlives `api`. */
enum err openapi_describe(struct api_context *api, struct arena *a) must_use;

extern const struct route openapi_route;
