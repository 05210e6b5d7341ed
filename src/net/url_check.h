/* Checks URLs that an operator gives in a setting or for a tenant, and those of pages to which a tenant has
 * people sent. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

#define URL_TEXT_MAX 512 /* bytes */

/* Returns whether libcurl accepts the URL: it has a scheme, a host and a valid port. */
bool url_is_parsable(struct str url);
/* Returns NULL if `url` is a valid http or https URL, else the form that it must have, worded to follow "must
 * be ". The result is static. */
const char *url_fault(struct str url);
/* Like url_fault(), but for a base URL, to which paths are appended: it must have no query and no
 * fragment. */
const char *base_url_fault(struct str url);
