/* Reads the body of a form that a page's <form method="post"> sent: application/x-www-form-urlencoded. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "text/form.h"

enum form_body_verdict {
	FORM_BODY_READ,
	FORM_BODY_BAD,	  /* a field is missing or malformed */
	FORM_BODY_REFUSED /* `reply` is the response: the media type is wrong, or there is no memory */
};

/* Reads the body into `*body`, the struct of the form. `*body` and `reply` are set as the verdict says. */
enum form_body_verdict form_body_read(
	struct call *call, const struct form *form, void **body, struct reply *reply) must_use;
