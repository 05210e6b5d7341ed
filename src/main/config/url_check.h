/* Addresses of the web that an operator gives: in a setting, or for a tenant. */
#pragma once

#include "base/str.h"

/* What an address must be that this one is not, as words behind "must be"; NULL: it is right. Static text. */
const char *url_fault(struct str url);
/* The same of one that paths are put behind. */
const char *base_url_fault(struct str url);
