/* Limits how many codes can be sent at the request of one end user's IP address (as the tenant's server
 * reported it) within one group of tenants. The limit is a multiple of one person's limit, so that the people
 * of a household, an office or a carrier's shared address can still get codes. Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "domain/id.h"
#include "domain/limit.h"

struct ip_limit {
	struct digest ip_hash; /* keyed hash of group and IP address */
	moment send_tat;       /* when the bucket for short bursts is full again (domain/limit.h) */
	moment day_tat;	       /* when the bucket for one day is full again */
	moment expires_at;     /* when the row can be deleted */
};

/* The limit of an IP address is that of one person multiplied by this number. */
#define IP_LIMIT_PEOPLE 10
#define IP_LIMIT_RETENTION days(1)

/* Takes one code from both buckets and returns true. If either is empty, takes none, sets `wait` to the
 * longer of the two waiting times, and returns false. `one` and `one_day` are the limits of one person. */
bool ip_limit_take_send(
	struct ip_limit *limit, const struct bucket_rule *one, int64_t one_day, moment now, duration *wait);
