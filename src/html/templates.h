/* All templates of src/web/ that are pages, in the order of their paths. tools/embed_templates.py generates
 * the table. The templates in src/web/frame/ are parts that pages include, and are not listed. */
#pragma once

#include <stddef.h>

#include "html/template.h"

extern const struct template *const templates[];
extern const size_t n_templates;
