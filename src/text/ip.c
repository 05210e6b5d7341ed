#include "text/ip.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define V4_OFFSET 12 /* offset of the IPv4 address in its IPv4-mapped IPv6 address */
#define V4_BITS 32
#define V6_BITS 128
#define SUBSCRIBER_BYTES 8 /* length of the prefix of an IPv6 address that identifies a subscriber: /64 */

static const unsigned char v4_mapped_prefix[V4_OFFSET] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

bool ip_read(struct str text, struct ip *out)
{
	char copy[IP_TEXT_SIZE];
	struct ip ip;

	if (!str_copy_to(text, copy, sizeof(copy)))
		return false;
	memcpy(ip.bytes, v4_mapped_prefix, sizeof(v4_mapped_prefix));
	if (inet_pton(AF_INET, copy, ip.bytes + V4_OFFSET) != 1 && inet_pton(AF_INET6, copy, ip.bytes) != 1)
		return false;
	*out = ip;
	return true;
}

struct ip ip_of_v4(const unsigned char bytes[4])
{
	struct ip ip;

	memcpy(ip.bytes, v4_mapped_prefix, sizeof(v4_mapped_prefix));
	memcpy(ip.bytes + V4_OFFSET, bytes, IP_BYTES - V4_OFFSET);
	return ip;
}

bool ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->bytes, v4_mapped_prefix, sizeof(v4_mapped_prefix)) == 0;
}

void ip_write(const struct ip *ip, char out[IP_TEXT_SIZE])
{
	const bool v4 = ip_is_v4(ip);

	/* inet_ntop cannot fail: `out` is large enough for the longest address. */
	(void)inet_ntop(v4 ? AF_INET : AF_INET6, ip->bytes + (v4 ? V4_OFFSET : 0), out, IP_TEXT_SIZE);
}

struct ip ip_subscriber(const struct ip *ip)
{
	struct ip subscriber = *ip;

	if (!ip_is_v4(ip))
		memset(subscriber.bytes + SUBSCRIBER_BYTES, 0, IP_BYTES - SUBSCRIBER_BYTES);
	return subscriber;
}

static bool ip_net_read(struct str item, struct ip *net, int *bits)
{
	struct str rest = item, address;
	const bool has_bits = str_cut(&rest, '/', &address);
	int64_t given;

	if (!ip_read(address, net))
		return false;
	const bool v4 = !str_has(address, ':');
	const int max_bits = v4 ? V4_BITS : V6_BITS;
	if (!has_bits)
		given = max_bits;
	else if (!str_number(rest, max_bits, &given))
		return false;
	*bits = (int)given + V6_BITS - max_bits;
	return true;
}

bool ip_nets_read(struct str text, struct ip_nets *out)
{
	struct ip_nets nets = { .n = 0 };
	struct str rest = text, item;
	bool more = text.n > 0;

	while (more) {
		more = str_cut(&rest, ',', &item);
		if (nets.n == IP_NETS_MAX ||
			!ip_net_read(str_trim(item), &nets.rows[nets.n].net, &nets.rows[nets.n].bits))
			return false;
		nets.n++;
	}
	*out = nets;
	return true;
}

bool ip_net_has(const struct ip *net, int bits, const struct ip *ip)
{
	const size_t whole = (size_t)bits / 8;
	const int rest = bits % 8;

	if (memcmp(net->bytes, ip->bytes, whole) != 0)
		return false;
	return rest == 0 || (net->bytes[whole] ^ ip->bytes[whole]) >> (8 - rest) == 0;
}

bool ip_nets_have(const struct ip_nets *nets, const struct ip *ip)
{
	for (size_t i = 0; i < nets->n; i++)
		if (ip_net_has(&nets->rows[i].net, nets->rows[i].bits, ip))
			return true;
	return false;
}
