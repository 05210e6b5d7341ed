/* Checks URLs that an operator gives in a setting or for a tenant. */
#pragma once

#include "base/str.h"

/* NULL if `url` is a valid http or https URL; else what it must be, to follow "must be ". Static text. */
const char *url_fault(struct str url);
/* The same for a base URL, to which paths are appended: it must have no query and no fragment. */
const char *base_url_fault(struct str url);
