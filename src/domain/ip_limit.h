/* Where people ask for codes from: an end user's IP address, as the tenant's server saw it, is limited in how
 * many codes it may have sent within one group of tenants, in multiples of what one person may, so that a
 * household, an office or a carrier's shared address is not hurt. Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "domain/id.h"
#include "domain/limit.h"

struct ip_limit {
	struct digest ip_hash; /* keyed hash of group and address */
	moment send_tat;       /* when its bucket is full again (domain/limit.h) */
	moment day_tat;	       /* the same of its bucket for a day */
	moment expires_at;     /* then the row goes */
};

/* As many as ten people may. */
#define IP_LIMIT_PEOPLE 10
#define IP_LIMIT_RETENTION days(1)

/* Takes one code from both buckets, or from none: then `wait` is the longer one. `one` and `one_day` are what
 * one person may have. */
bool ip_limit_take_send(
	struct ip_limit *v, const struct bucket_rule *one, int64_t one_day, moment now, duration *wait);
