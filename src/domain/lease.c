#include "domain/lease.h"

#include "base/str.h"
#include "domain/expiry.h"

static bool lease_is_owned_by(const struct lease *lease, const struct instance_id *instance)
{
	return str_eq(str_of(lease->owner.text), str_of(instance->text));
}

bool lease_acquire(struct lease *lease, const struct instance_id *instance, moment now)
{
	if (!lease_is_owned_by(lease, instance) && expiry_is_open(lease->expires_at, LEASE_DURATION, now))
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
