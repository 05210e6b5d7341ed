/* The API's description for integrators: OpenAPI 3.1, printed from the tables of routes, cards, forms and
 * answers. */
#pragma once

#include "api/api_spec.h"

/* What making a description takes while it grows: more than a call has. */
#define DESCRIPTION_MEMORY ((size_t)1024 * 1024)

/* About 60 KB. ERR_INPUT: no room in the arena. */
enum err openapi_print(struct arena *a, const struct api_spec *d, struct str *out) must_use;

/* Prints what this desk serves, once for all calls, into `a`, which must outlive it. */
enum err openapi_describe(struct api_context *api, struct arena *a) must_use;
struct reply handle_openapi(struct call *call);
