#include "main/config/unsafe.h"

#include <string.h>

#include "main/config/console_url.h"
#include "main/config/database_text.h"
#include "main/config/setting.h"
#include "net/host_scope.h"
#include "net/https_client.h"
#include "store/postgres/url.h"
#include "text/encode.h"
#include "text/ip.h"

#define KEY_BYTES 32
/* Maximum length in bytes of a repeated pattern that makes a key unsafe. */
#define PATTERN_MAX 8
/* Prefix lengths of the largest private networks. The IPv4 network is 10.0.0.0/8, as an IPv4-mapped IPv6
 * network; the IPv6 network is fc00::/7. */
#define PRIVATE_BITS_V4 (96 + 8)
#define PRIVATE_BITS_V6 7

static bool counts(const unsigned char *bytes)
{
	for (size_t i = 2; i < KEY_BYTES; i++)
		if ((unsigned char)(bytes[i] - bytes[i - 1]) != (unsigned char)(bytes[1] - bytes[0]))
			return false;
	return true;
}

static bool repeats(const unsigned char *bytes, size_t length)
{
	return memcmp(bytes, bytes + length, KEY_BYTES - length) == 0;
}

bool secret_key_is_constant(const struct config *config, struct raw_config *raw)
{
	unsigned char bytes[KEY_BYTES];

	(void)raw;
	const bool found = base64_read(config->secret_key, bytes, sizeof(bytes)) && repeats(bytes, 1);
	explicit_bzero(bytes, sizeof(bytes));
	return found;
}

bool secret_key_is_pattern(const struct config *config, struct raw_config *raw)
{
	unsigned char bytes[KEY_BYTES];
	bool found = false;

	(void)raw;
	if (base64_read(config->secret_key, bytes, sizeof(bytes))) {
		found = counts(bytes);
		for (size_t length = 2; length <= PATTERN_MAX; length++)
			found = found || repeats(bytes, length);
	}
	explicit_bzero(bytes, sizeof(bytes));
	return found;
}

static bool is_plain_url_to_elsewhere(struct str url)
{
	struct str scheme, host, port;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	const bool plain = url_parts(&a, url, &scheme, &host, &port) && str_eq(scheme, STR("http")) &&
			   !host_is_loopback(host);
	arena_finish(&a);
	return plain;
}

bool listen_lacks_tls(const struct config *config, struct raw_config *raw)
{
	struct str host, port;
	const bool has_proxy = config->trusted_proxies.n > 0 &&
			       str_starts(config->public_url, STR("https://"));

	(void)raw;
	return !config->dev && !has_proxy && listen_parts(config->listen, &host, &port) &&
	       !host_is_loopback(host);
}

bool console_listen_lacks_tls(const struct config *config, struct raw_config *raw)
{
	struct str host, port;

	(void)raw;
	return !config->dev && config->trusted_proxies.n == 0 &&
	       listen_parts(config->console_listen, &host, &port) && !host_is_loopback(host);
}

bool console_shares_host(const struct config *config, struct raw_config *raw)
{
	struct str scheme, host, port;
	struct arena a;

	(void)raw;
	arena_init(&a, ARENA_CALL_LIMIT);
	const bool shares = !config->dev && config->console_url.n > 0 &&
			    url_parts(&a, config->public_url, &scheme, &host, &port) &&
			    str_eq_nocase(host, console_host(config->console_url));
	arena_finish(&a);
	return shares;
}

/* Returns true if `hosts`, a list separated by commas, contains another machine. If `forbidden` is true, only
 * machines count to which unencrypted traffic is not allowed. */
static bool has_remote_host(struct str hosts, bool forbidden, bool allow_weak)
{
	struct str one;
	bool more = true, found = false;

	while (more) {
		more = str_cut(&hosts, ',', &one);
		/* A name that begins with / or @ is a local socket. */
		if (one.n > 0 && one.p[0] != '/' && one.p[0] != '@')
			found = found || !host_allows_plaintext(one, forbidden && allow_weak);
	}
	return found;
}

static bool is_plain_sslmode(struct str sslmode)
{
	return str_eq(sslmode, STR("disable")) || str_eq(sslmode, STR("allow"));
}

bool database_is_plain(const struct config *config, struct raw_config *raw)
{
	struct postgres_target target;
	struct arena a;

	(void)raw;
	if (database_text_is_file(config->database))
		return false;
	arena_init(&a, ARENA_CALL_LIMIT);
	const bool plain = postgres_url_target(config->database, &a, &target) &&
			   is_plain_sslmode(target.sslmode) &&
			   has_remote_host(target.hosts, true, config->allow_weak);
	arena_finish(&a);
	return plain;
}

bool database_is_unverified(const struct config *config, struct raw_config *raw)
{
	struct postgres_target target;
	struct arena a;

	(void)raw;
	if (database_text_is_file(config->database))
		return false;
	arena_init(&a, ARENA_CALL_LIMIT);
	const bool unverified = postgres_url_target(config->database, &a, &target) && !target.by_service &&
				!str_eq(target.sslmode, STR("verify-full")) &&
				has_remote_host(target.hosts, false, false);
	arena_finish(&a);
	return unverified;
}

bool proxies_are_broad(const struct config *config, struct raw_config *raw)
{
	struct ip_nets nets;
	bool found = false;

	(void)raw;
	if (!ip_nets_read(config->trusted_proxies, &nets))
		return false;
	for (size_t i = 0; i < nets.n; i++)
		found = found ||
			nets.rows[i].bits < (ip_is_v4(&nets.rows[i].net) ? PRIVATE_BITS_V4 : PRIVATE_BITS_V6);
	return found;
}

bool callback_url_is_plain(const struct config *config, struct raw_config *raw)
{
	return !config->dev && config_is_set(raw, "DIDIT_CALLBACK_URL") &&
	       is_plain_url_to_elsewhere(config->didit_callback_url);
}

bool dev_open_is_ignored(const struct config *config, struct raw_config *raw)
{
	(void)raw;
	return config->dev_open && !config->dev;
}
