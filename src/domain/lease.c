#include "domain/lease.h"

#include "base/str.h"

static bool lease_is_owned_by(const struct lease *lease, const struct instance_id *instance)
{
	return str_eq(str_of(lease->owner.text), str_of(instance->text));
}

bool lease_acquire(struct lease *lease, const struct instance_id *instance, moment now)
{
	if (!lease_is_owned_by(lease, instance) && moment_is_before(now, lease->expires_at))
		return false;
	lease->owner = *instance;
	lease->expires_at = moment_add(now, LEASE_DURATION);
	return true;
}

bool lease_release(struct lease *lease, const struct instance_id *instance)
{
	if (!lease_is_owned_by(lease, instance))
		return false;
	lease->owner = (struct instance_id){ "" };
	lease->expires_at = (moment){ 0 };
	return true;
}
