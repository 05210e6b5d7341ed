/* The sections of v2 and v3 decisions. A table defines the names, the feature and the contents of each
 * section (didit-api.md 3, 4.3). In v3 a section is an array of items, in v2 one object. */
#pragma once

#include "sandbox/state/state.h"
#include "text/json.h"

enum sections_style { SECTIONS_AS_OBJECTS /* v2 */, SECTIONS_AS_ARRAYS /* v3 */ };

/* Writes each section as a member. Its value is null if the session does not include the check or the check
 * has not run. */
void sections_write(struct json_writer *w, const struct sandbox_session *session, enum sections_style style);
/* Writes an array with the names of the features that the session includes. */
void sections_write_features(struct json_writer *w, const struct sandbox_session *session);
/* Writes an array with the name and the node id of each of these features. Here, EMAIL_VERIFICATION is called
 * EMAIL, as at Didit. */
void sections_write_nodes(struct json_writer *w, const struct sandbox_session *session);

/* Returns the section's node id, such as "feature_ocr". */
struct str section_node(enum section section);
/* Returns the section's feature name, such as "ID_VERIFICATION". */
struct str section_feature(enum section section);
/* Returns the section with this node id, or SECTION_NONE if there is none. */
enum section section_of_node(struct str node);
/* Returns true for checks that need no action by the person and can therefore be repeated at once. */
bool section_is_automatic(enum section section);
/* Returns true if the session includes this check and the check has run. */
bool section_has_run(const struct sandbox_session *session, enum section section);
/* Returns the status of a section: the one that a reviewer has set, else the one from the scenario. */
enum didit_status section_result(const struct sandbox_session *session, enum section section);
