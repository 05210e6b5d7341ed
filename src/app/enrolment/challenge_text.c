#include "app/enrolment/challenge_text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "i18n/messages.h"
#include "text/encode.h"
#include "text/placeholders.h"

#define NONCE_BYTES 16

/* Writes the chain id as the format requires it. If the request has none, writes an empty text or the
 * format's default. Returns false if the chain id is malformed. */
typedef bool chain_id_writer(struct str requested, char out[24]);

static chain_id_writer write_evm_chain_id, write_solana_chain_id;

/* clang-format off */
static const struct {
	struct str name;
	enum wallet_chain chain;
	/* The chain's name in a sign-in message; NULL if the format is for any wallet and is no sign-in
	 * message. */
	const char *account;
	chain_id_writer *write_chain_id;
} formats[] = {
	[CHALLENGE_STARKFI] = { STR_INIT("starkfi"), 0,             NULL,       NULL },
	[CHALLENGE_SIWE]    = { STR_INIT("siwe"),    WALLET_EVM,    "Ethereum", write_evm_chain_id },
	[CHALLENGE_SIWS]    = { STR_INIT("siws"),    WALLET_SOLANA, "Solana",   write_solana_chain_id },
};

static const struct str faults[] = {
	[CHALLENGE_FAULT_NONE]        = STR_INIT("the parameters are valid"),
	[CHALLENGE_FAULT_NOT_SIGN_IN] = STR_INIT("chain_id and uri are for the formats siwe and siws: add format, or leave them out"),
	[CHALLENGE_FAULT_WALLET]      = STR_INIT("format siwe is for EVM wallets, siws for Solana wallets"),
	[CHALLENGE_FAULT_NO_SITE]     = STR_INIT("format siwe and siws need the site of your pages: ask the operator to set it with `kycd tenant set NAME --site URL`"),
	[CHALLENGE_FAULT_CHAIN_ID]    = STR_INIT("chain_id must be the number of a chain, such as 1, for siwe; mainnet, testnet, devnet or localnet for siws"),
	[CHALLENGE_FAULT_URI]         = STR_INIT("uri must be a page of your site: the scheme, host and port that the operator set with `kycd tenant set NAME --site URL`, then a path"),
};
/* clang-format on */

struct str challenge_format_name(enum challenge_format format)
{
	return formats[format].name;
}

enum challenge_format challenge_format_find(struct str name)
{
	size_t i = 0;

	while (i < array_len(formats) && !str_eq(formats[i].name, name))
		i++;
	return (enum challenge_format)i;
}

struct str challenge_fault_message(enum challenge_fault fault)
{
	return faults[fault];
}

/* Reads a number in hex digits after "0x", as the JSON-RPC method `eth_chainId` returns it. */
static bool read_hex(struct str text, int64_t *out)
{
	int64_t number = 0;

	if (text.n < 3 || text.n > 2 + 15 || !str_starts(text, STR("0x")))
		return false;
	for (size_t i = 2; i < text.n; i++) {
		if (hex_value(text.p[i]) < 0)
			return false;
		number = number * 16 + hex_value(text.p[i]);
	}
	*out = number;
	return true;
}

static bool write_evm_chain_id(struct str requested, char out[24])
{
	int64_t number = 1; /* Ethereum itself */

	if (requested.n > 0 && !str_number(requested, INT64_MAX, &number) && !read_hex(requested, &number))
		return false;
	snprintf(out, 24, "%lld", (long long)number);
	return number > 0;
}

static bool write_solana_chain_id(struct str requested, char out[24])
{
	static const struct str clusters[] = { STR_INIT("mainnet"), STR_INIT("testnet"), STR_INIT("devnet"),
		STR_INIT("localnet") };
	const struct str prefix = STR("solana:");
	const struct str cluster = str_starts(requested, prefix) ? str_from(requested, prefix.n) : requested;

	out[0] = '\0';
	for (size_t i = 0; i < array_len(clusters); i++)
		if (str_eq(cluster, clusters[i]))
			return str_copy_to(requested, out, 24);
	return requested.n == 0;
}

enum challenge_fault challenge_params_check(
	const struct tenant *tenant, const struct challenge_params *params)
{
	const struct str site = str_of(tenant->site);
	char chain_id[24];

	if (params->format == CHALLENGE_STARKFI)
		return params->chain_id.n > 0 || params->uri.n > 0 ? CHALLENGE_FAULT_NOT_SIGN_IN
								   : CHALLENGE_FAULT_NONE;
	if (params->wallet->chain != formats[params->format].chain)
		return CHALLENGE_FAULT_WALLET;
	if (site.n == 0)
		return CHALLENGE_FAULT_NO_SITE;
	if (!formats[params->format].write_chain_id(params->chain_id, chain_id))
		return CHALLENGE_FAULT_CHAIN_ID;
	return params->uri.n == 0 || site_has_uri(site, params->uri) ? CHALLENGE_FAULT_NONE
								     : CHALLENGE_FAULT_URI;
}

/* The values from which the texts of all formats are built. */
struct text_parts {
	struct buf text;
	const struct tenant *tenant;
	const struct challenge_params *params;
	struct str brand, domain;
	enum language language;
	char nonce[2 * NONCE_BYTES + 1], issued[MOMENT_RFC3339_SIZE], expires[MOMENT_RFC3339_SIZE];
};

/* Returns the authority of a URL (host and port): the text between scheme and path. */
static struct str url_authority(struct str url)
{
	struct str part;

	for (int i = 0; i < 3; i++)
		if (!str_cut(&url, '/', &part))
			return part;
	return part;
}

/* Adds the explanation for the person to the text. It is ASCII in every language (except for a brand that is
 * not ASCII), because small hardware wallets display nothing else. */
static void add_explanation(struct text_parts *parts, struct str brand)
{
	static const enum message_id messages[] = { MESSAGE_CHALLENGE_PURPOSE, MESSAGE_CHALLENGE_NO_PAYMENT,
		MESSAGE_CHALLENGE_CAUTION };
	const struct placeholder values[] = { { "brand", brand, PLACEHOLDER_TEXT } };

	for (size_t i = 0; i < array_len(messages); i++) {
		if (i > 0)
			buf_char(&parts->text, ' ');
		placeholders_fill(&parts->text, message_text(parts->language, messages[i]), values,
			array_len(values), false);
	}
}

/* Writes the text in the format starkfi, whose first two lines starkfi-kyc-api.md 6.1 defines. */
static void add_starkfi(struct text_parts *parts)
{
	struct buf *const text = &parts->text;

	buf_printf(text, "%.*s KYC verification\nWallet: %s\n\n", STR_ARG(parts->brand),
		parts->params->wallet->text);
	add_explanation(parts, parts->brand);
	buf_printf(text, "\n\nDomain: %.*s\nRequested by: %s\nPurpose: " CHALLENGE_PURPOSE "\nNonce: %s\n",
		STR_ARG(parts->domain), parts->tenant->name, parts->nonce);
	buf_printf(text, "Issued at: %s\nExpires at: %s", parts->issued, parts->expires);
}

/* Returns whether all characters of the text may occur in a statement of ERC-4361: the reserved and
 * unreserved characters of RFC 3986, and spaces. */
static bool is_statement(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		const char c = text.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    (c != '\0' && strchr(" -._~:/?#[]@!$&'()*+,;=", c))))
			return false;
	}
	return true;
}

static void add_sign_in(struct text_parts *parts)
{
	const struct challenge_params *const params = parts->params;
	const struct str name = str_of(parts->tenant->name);
	struct buf *const text = &parts->text;
	char chain_id[24];

	const bool is_written = formats[params->format].write_chain_id(params->chain_id, chain_id);
	assert(is_written);
	buf_printf(text, "%.*s wants you to sign in with your %s account:\n%s\n\n", STR_ARG(parts->domain),
		formats[params->format].account, params->wallet->text);
	add_explanation(parts, is_statement(parts->brand) ? parts->brand : name);
	buf_printf(text, " Requested by: %.*s. Purpose: " CHALLENGE_PURPOSE ".\n\nURI: ", STR_ARG(name));
	buf_add(text, params->uri.n > 0 ? params->uri : str_of(parts->tenant->site));
	buf_printf(text, "\nVersion: 1\n");
	if (chain_id[0])
		buf_printf(text, "Chain ID: %s\n", chain_id);
	buf_printf(text, "Nonce: %s\nIssued At: %s\nExpiration Time: %s", parts->nonce, parts->issued,
		parts->expires);
}

enum err challenge_text_write(const struct world *world, struct arena *a, const struct tenant *tenant,
	const struct challenge_params *params, const struct challenge *challenge, struct str *out)
{
	const struct str preferred[] = { str_of(tenant->language), world->rules->language };
	unsigned char nonce[NONCE_BYTES];
	struct text_parts parts = {
		.tenant = tenant,
		.params = params,
		.brand = tenant->display_name[0] ? str_of(tenant->display_name) : world->rules->brand,
		.domain = tenant->site[0] ? site_domain(str_of(tenant->site))
					  : url_authority(world->rules->public_url),
		.language = language_for(preferred, array_len(preferred)),
	};

	TRY(world_random(world, nonce, sizeof(nonce)));
	hex_write(nonce, sizeof(nonce), parts.nonce);
	moment_rfc3339(challenge->created_at, parts.issued);
	moment_rfc3339(challenge->expires_at, parts.expires);
	buf_init(&parts.text, a);
	if (params->format == CHALLENGE_STARKFI)
		add_starkfi(&parts);
	else
		add_sign_in(&parts);
	return buf_done(&parts.text, out);
}
