/* The sections of v2 and v3 decisions. One table defines for each section its names, its feature and its
 * contents (didit-api.md 3, 4.3). In v3 a section is an array of items, in v2 one object. */
#pragma once

#include "sandbox/state/state.h"
#include "text/json.h"

enum sections_style { SECTIONS_AS_OBJECTS /* v2 */, SECTIONS_AS_ARRAYS /* v3 */ };

/* Writes all sections as members. A section that the session does not check, or that has not run, is null. */
void sections_write(struct json_writer *w, const struct sandbox_session *session, enum sections_style style);
/* Writes the names of the features that the session checks, as an array. */
void sections_write_features(struct json_writer *w, const struct sandbox_session *session);

/* Node id and feature name of a section, such as "feature_ocr" and "ID_VERIFICATION". */
struct str section_node(enum section section);
struct str section_feature(enum section section);
/* Returns the section with this node id, or SECTION_NONE. */
enum section section_of_node(struct str node);
/* True for checks that need no action by the person, and can therefore be repeated at once. */
bool section_is_automatic(enum section section);
/* True if the session includes this check and it has been completed. */
bool section_has_run(const struct sandbox_session *session, enum section section);
/* The status of a section: the one a reviewer set, else the one from the scenario. */
enum didit_status section_result(const struct sandbox_session *session, enum section section);
