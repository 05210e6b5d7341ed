/* The form of the console's URL (spec/pages-and-console.md 3). Its host is the identity that passkeys are
 * bound to (the RP ID of WebAuthn), and its origin the only one from which forms are accepted. */
#pragma once

#include "base/str.h"

/* Returns NULL if `url` can be that of the console, else the form that it must have, worded to follow "must
 * be ". The result is static. */
const char *console_url_fault(struct str url);
/* Returns the host of an origin, without the port. */
struct str console_host(struct str origin);
