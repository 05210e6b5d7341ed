/* Generates the OpenAPI 3.1 document from the routes, and serves it: GET /openapi.json. */
#pragma once

#include "api/core/dispatch.h"
#include "api/describe/api_spec.h"

/* Memory limit in bytes for generating a document, which does not fit into a request's arena. */
#define DESCRIPTION_MEMORY ((size_t)2 * 1024 * 1024)

/* Generates the document, about 60 KB of JSON, in `a`. Returns ERR_INPUT if the arena is too small. */
enum err openapi_print(struct arena *a, const struct api_spec *d, struct str *out) must_use;

/* Generates the document for the routes of this listener and stores it in `api->openapi_document`. Called
 * once at start. `a` must outlive `api`. */
enum err openapi_describe(struct api_context *api, struct arena *a) must_use;

extern const struct route openapi_route;
