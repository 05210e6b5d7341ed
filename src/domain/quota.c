#include "domain/quota.h"

#include "domain/tenant.h"

bool quota_reserve(struct quota *q, int64_t limit)
{
	if (limit != NO_QUOTA && q->used >= limit)
		return false;
	q->used++;
	return true;
}

void quota_release(struct quota *q)
{
	if (q->used > 0)
		q->used--;
}

bool quota_has_reached(const struct quota *q, int64_t limit, int64_t percent)
{
	return q->used * 100 >= limit * percent;
}
