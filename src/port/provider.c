#include "port/provider.h"

#include <assert.h>

static const char *const ip_field_names[IP_FIELDS] = {
	[IP_ADDRESS] = "ip_address",
	[IP_COUNTRY] = "ip_country",
	[IP_STATE] = "ip_state",
	[IP_CITY] = "ip_city",
	[IP_PLATFORM] = "platform",
	[IP_BRAND] = "device_brand",
	[IP_MODEL] = "device_model",
	[IP_VPN] = "is_vpn_or_tor",
	[IP_DATA_CENTER] = "is_data_center",
};

const char *ip_field_name(enum ip_field f)
{
	assert(f < IP_FIELDS);
	return ip_field_names[f];
}
