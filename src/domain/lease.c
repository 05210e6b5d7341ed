#include "domain/lease.h"

#include "base/str.h"

static bool is_theirs(const struct lease *lease, const struct instance_id *who)
{
	return str_eq(str_of(lease->owner.text), str_of(who->text));
}

bool lease_acquire(struct lease *lease, const struct instance_id *who, moment now)
{
	if (!is_theirs(lease, who) && moment_is_before(now, lease->expires_at))
		return false;
	lease->owner = *who;
	lease->expires_at = moment_add(now, LEASE_DURATION);
	return true;
}

bool lease_release(struct lease *lease, const struct instance_id *who)
{
	if (!is_theirs(lease, who))
		return false;
	lease->owner = (struct instance_id){ "" };
	lease->expires_at = (moment){ 0 };
	return true;
}
