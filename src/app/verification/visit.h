/* A request to a page of a verification link: the token in its path, and what limits and the audit log need
 * to know about the person. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "text/ip.h"

struct verification_visit {
	struct str token;      /* as in the path; any text */
	struct str request_id; /* of the request, for audit entries and e-mails */
	bool has_ip;	       /* the IP address of the person is known */
	struct ip ip;	       /* counts against the limit of codes per IP address */
};
