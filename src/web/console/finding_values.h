/* What the provider found in a session, as the pages of a person and of a review show it. */
#pragma once

#include "app/console/session_findings.h"
#include "base/arena.h"
#include "html/template.h"

/* Values of a warning: feature, risk, is_information. */
extern const struct template_table finding_warning_values;
struct template_list finding_warnings(struct arena *a, const struct session_findings *findings);
/* Values of a place where the session was used: text. */
extern const struct template_table finding_place_values;
struct template_list finding_places(struct arena *a, const struct session_findings *findings);
/* Values of the result of a check: feature, result ("Approved", "Not run"), tone of its badge. */
extern const struct template_table finding_result_values;
struct template_list finding_results(struct arena *a, const struct session_findings *findings);
