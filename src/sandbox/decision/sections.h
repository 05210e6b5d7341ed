/* The sections of a decision of v2 and v3: one table says how each is called, which feature asks for it and
 * what stands in it (didit-api.md 3, 4.3). v3 has an array of items, v2 one object. */
#pragma once

#include "sandbox/state/state.h"
#include "text/json.h"

enum sections_style { SECTIONS_AS_OBJECTS /* v2 */, SECTIONS_AS_ARRAYS /* v3 */ };

/* All members: value or null, whether asked for or not. */
void sections_write(struct json_writer *w, const struct sandbox_session *session, enum sections_style shape);
/* The names of the features that were asked for, as an array. */
void sections_write_features(struct json_writer *w, const struct sandbox_session *session);

/* Of a section that can be asked for: "feature_ocr", "ID_VERIFICATION". */
struct str section_node(enum section section);
struct str section_feature(enum section section);
/* By its node; SECTION_NONE: there is none. */
enum section section_of_node(struct str node);
/* It needs nobody: it can run again at once. */
bool section_is_automatic(enum section section);
/* Has it run? */
bool section_has_run(const struct sandbox_session *session, enum section section);
enum didit_status section_result(const struct sandbox_session *session, enum section section);
