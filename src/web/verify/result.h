/* What the page of a verification link says about the state of the person's check, from a table. */
#pragma once

#include <stdbool.h>

#include "app/verification/view.h"
#include "base/arena.h"
#include "base/err.h"
#include "web/verify/values.h"

/* Returns whether the page of an open link whose session is at the provider says so, instead of inviting the
 * person to begin. */
bool verify_result_is_shown(const struct verification_view *view);
/* Sets the values of the result page: texts, reasons and actions. */
enum err verify_result_fill(
	struct arena *a, const struct verification_view *view, struct verify_values *values) must_use;
