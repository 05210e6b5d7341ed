#include "api/response_schema.h"

#include <string.h>

#include "base/attr.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"
#include "domain/effect.h"
#include "domain/verification.h"
#include "port/provider.h"

static const char *kyc_words(size_t i)
{
	if (i == STATUS_COUNT)
		return NULL;
	return session_status_is_internal((enum session_status)i)
		       ? ""
		       : session_status_api_name((enum session_status)i);
}

static const char *session_words(size_t i)
{
	if (i == STATUS_COUNT)
		return NULL;
	return session_status_is_internal((enum session_status)i)
		       ? ""
		       : session_status_provider_name((enum session_status)i);
}

static const char *letter_words(size_t i)
{
	return i > EFFECT_DROPPED - EFFECT_QUEUED ? NULL
						  : effect_state_name((enum effect_state)(EFFECT_QUEUED + i));
}

/* Of a create: it is not asked for a session that there is not, what is fine is no cause, what was not asked
 * is a 503 without one, and two causes are said in the words of others. */
static const char *cause_words(size_t i)
{
	static const bool spoken[PROVIDER_CAUSES] = {
		[PROVIDER_UNREACHABLE] = true,
		[PROVIDER_REFUSED] = true,
		[PROVIDER_CREDITS] = true,
		[PROVIDER_LIMIT] = true,
	};

	if (i == PROVIDER_CAUSES)
		return NULL;
	return spoken[i] ? provider_cause_name((enum provider_cause)i) : "";
}

static const char *form_words(size_t i)
{
	if (i > WALLET_FORM_ZERO)
		return NULL;
	return i == WALLET_FORM_VALID ? "" : wallet_form_name((enum wallet_form)i).p;
}

static const char *signature_words(size_t i)
{
	if (i > WALLET_SIG_OTHER)
		return NULL;
	return i == WALLET_SIG_VALID ? "" : wallet_sig_name((enum wallet_sig)i).p;
}

static const char *no_challenge_words(size_t i)
{
	static const char *const words[] = { CAUSE_LINE_ENDS, CAUSE_NOT_IN_FORCE };

	return i < array_len(words) ? words[i] : NULL;
}

static const char *chain_words(size_t i)
{
	return i > WALLET_SOLANA - WALLET_EVM ? NULL
					      : wallet_chain_name((enum wallet_chain)(WALLET_EVM + i)).p;
}

#define SESSION_ID "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b"
#define SESSION_URL "https://verify.didit.me/session/Ab3dEf6hIj9k"
#define SHAPE(name, members)                                                                                 \
	{                                                                                                    \
		name, members, array_len(members)                                                            \
	}

/* clang-format off */
static const struct schema_member prepared[] = {
	{ "email_verified", MEMBER_BOOL, "true",    "the address is proven to you" , false, NULL, NULL },
	{ "kyc_approved",   MEMBER_BOOL, "false",   NULL,                            false, NULL, NULL },
	{ "kyc_status",     MEMBER_TEXT, "pending", "`pending` also where there is no session yet", false, kyc_words, NULL },
};
const struct schema shape_prepared = SHAPE("prepared", prepared);

static const struct schema_member wallet_prepared[] = {
	{ "email_verified",  MEMBER_BOOL, "false",   "an e-mail that was given with the wallet is a claim, until it is proven", false, NULL, NULL },
	{ "wallet_verified", MEMBER_BOOL, "true",    NULL,                            false, NULL, NULL },
	{ "kyc_approved",    MEMBER_BOOL, "false",   NULL,                            false, NULL, NULL },
	{ "kyc_status",      MEMBER_TEXT, "pending", "`pending` also where there is no session yet", false, kyc_words, NULL },
};
const struct schema shape_wallet_prepared = SHAPE("wallet_prepared", wallet_prepared);

static const struct schema_member challenge[] = {
	{ "message",      MEMBER_TEXT, "kycd KYC verification\nWallet: 0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A\n...", "to be signed byte by byte", false, NULL, NULL },
	{ "wallet",       MEMBER_TEXT, "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "in its one form: EIP-55 or base58", false, NULL, NULL },
	{ "wallet_chain", MEMBER_TEXT, "evm", NULL, false, chain_words, NULL },
};
const struct schema shape_challenge = SHAPE("challenge", challenge);

static const struct schema_member bad_wallet[] = {
	{ "cause",       MEMBER_TEXT, "checksum", "what is wrong with it", false, form_words, NULL },
	{ "explanation", MEMBER_TEXT, "wallet has a wrong EIP-55 checksum: a letter is wrong, or its case", "for people", false, NULL, NULL },
};
const struct schema shape_bad_wallet = SHAPE("bad_wallet", bad_wallet);

static const struct schema_member bad_signature[] = {
	{ "cause",       MEMBER_TEXT, "other", "what is wrong with it", false, signature_words, NULL },
	{ "explanation", MEMBER_TEXT, "the signature is of another wallet, or over another message", "for people", false, NULL, NULL },
};
const struct schema shape_bad_signature = SHAPE("bad_signature", bad_signature);

static const struct schema_member no_challenge[] = {
	{ "cause",       MEMBER_TEXT, CAUSE_LINE_ENDS, "what is wrong with the message", false, no_challenge_words, NULL },
	{ "explanation", MEMBER_TEXT, "message has carriage returns; its lines end in line feeds alone, as they came", "for people", false, NULL, NULL },
};
const struct schema shape_no_challenge = SHAPE("no_challenge", no_challenge);

static const struct schema_member link[] = {
	{ "session_id",  MEMBER_TEXT, SESSION_ID,  NULL, false, NULL, NULL },
	{ "session_url", MEMBER_URL,  SESSION_URL, "send the person there; a link is a key", false, NULL, NULL },
};
static const struct schema shape_link = SHAPE("link", link);
static const struct schema_member session_started[] = {
	{ "success", MEMBER_TRUE,   "true",                     NULL, false, NULL, NULL },
	{ "message", MEMBER_CONST_TEXT,  "didit_create_kyc_session", NULL, false, NULL, NULL },
	{ "session", MEMBER_OBJECT, NULL,                       NULL, false, NULL, &shape_link },
};
const struct schema shape_session_started = SHAPE("session_started", session_started);

static const struct schema_member used_link[] = {
	{ "session_id",  MEMBER_TEXT, SESSION_ID, "the approved session", false, NULL, NULL },
	{ "session_url", MEMBER_NULL, NULL,       "nothing is left to do", false, NULL, NULL },
};
static const struct schema shape_used_link = SHAPE("used_link", used_link);
static const struct schema_member session_approved[] = {
	{ "success", MEMBER_TRUE,   "true",                  NULL, false, NULL, NULL },
	{ "message", MEMBER_CONST_TEXT,  "user_already_approved", NULL, false, NULL, NULL },
	{ "session", MEMBER_OBJECT, NULL,                    NULL, false, NULL, &shape_used_link },
};
const struct schema shape_session_approved = SHAPE("session_approved", session_approved);

static const struct schema_member ip[] = {
	{ "ip_address",     MEMBER_TEXT, "203.0.113.24", NULL, true, NULL, NULL },
	{ "ip_country",     MEMBER_TEXT, "Portugal",     NULL, true, NULL, NULL },
	{ "ip_state",       MEMBER_TEXT, "Lisbon",       NULL, true, NULL, NULL },
	{ "ip_city",        MEMBER_TEXT, "Lisbon",       NULL, true, NULL, NULL },
	{ "platform",       MEMBER_TEXT, "mobile",       NULL, true, NULL, NULL },
	{ "device_brand",   MEMBER_TEXT, "Samsung",      NULL, true, NULL, NULL },
	{ "device_model",   MEMBER_TEXT, "Galaxy S23",   NULL, true, NULL, NULL },
	{ "is_vpn_or_tor",  MEMBER_BOOL, "false",        NULL, true, NULL, NULL },
	{ "is_data_center", MEMBER_BOOL, "false",        NULL, true, NULL, NULL },
};
static const struct schema shape_ip = SHAPE("ip", ip);
static const struct schema_member person_status[] = {
	{ "status",         MEMBER_TEXT, "pending",     "where the person stands: branch on this", false, kyc_words, NULL },
	{ "approved",       MEMBER_BOOL, "false",       NULL, false, NULL, NULL },
	{ "session_id",     MEMBER_TEXT, SESSION_ID,    NULL, false, NULL, NULL },
	{ "session_status", MEMBER_TEXT, "In Progress", "the provider's word", false, session_words, NULL },
	{ "session_url",    MEMBER_URL,  SESSION_URL,   "while the session is open, then null", true, NULL, NULL },
	{ "ip_info",        MEMBER_LIST, NULL,          "one item an address; empty before any analysis", false, NULL, &shape_ip },
	{ "is_blocklisted", MEMBER_BOOL, "false",       "a blocklist sign in the document or liveness checks", false, NULL, NULL },
};
const struct schema shape_person_status = SHAPE("person_status", person_status);

static const struct schema_member no_session[] = {
	{ "email_verified",  MEMBER_BOOL, "false",  NULL, false, NULL, NULL },
	{ "wallet_verified", MEMBER_BOOL, "false",  NULL, false, NULL, NULL },
	{ "last_code",       MEMBER_TEXT, "queued", "what became of the last letter with a code; null: there was none", true, letter_words, NULL },
};
const struct schema shape_no_session = SHAPE("no_session", no_session);

static const struct schema_member cause[] = {
	{ "cause", MEMBER_TEXT, "provider_unreachable", "what the provider did", false, cause_words, NULL },
};
const struct schema shape_cause = SHAPE("cause", cause);

static const struct schema_member product[] = {
	{ "kyc",         MEMBER_BOOL, "true",  NULL, false, NULL, NULL },
	{ "crypto",      MEMBER_BOOL, "false", NULL, false, NULL, NULL },
	{ "pix",         MEMBER_BOOL, "false", NULL, false, NULL, NULL },
	{ "credit_card", MEMBER_BOOL, "false", NULL, false, NULL, NULL },
};
static const struct schema shape_product = SHAPE("product", product);
static const struct schema_member products[] = {
	{ "products", MEMBER_OBJECT, NULL, NULL, false, NULL, &shape_product },
};
const struct schema shape_products = SHAPE("products", products);

static const struct schema_member unauthorized[] = {
	{ "code",    MEMBER_CONST_INT, "401",                              NULL, false, NULL, NULL },
	{ "message", MEMBER_CONST_TEXT,  "Unauthorized or API key invalid.", NULL, false, NULL, NULL },
	{ "docs",    MEMBER_URL,    "https://docs.starkfi.io/",         NULL, false, NULL, NULL },
};
const struct schema shape_unauthorized = SHAPE("unauthorized", unauthorized);

static const struct schema_member too_many[] = {
	{ "code",    MEMBER_CONST_INT, "429", NULL, false, NULL, NULL },
	{ "message", MEMBER_TEXT,   "Too many requests. The limit is 600 request per minute and 10 requests per second.",
	  "names the limits in force", false, NULL, NULL },
	{ "docs",    MEMBER_URL,    "https://docs.starkfi.io/", NULL, false, NULL, NULL },
};
const struct schema shape_too_many = SHAPE("too_many_requests", too_many);

static const struct schema_member received[] = { { "received", MEMBER_TRUE, "true", NULL, false, NULL, NULL } };
const struct schema shape_received = SHAPE("received", received);
static const struct schema_member live[] = { { "live", MEMBER_TRUE, "true", NULL, false, NULL, NULL } };
const struct schema shape_live = SHAPE("live", live);
static const struct schema_member ready[] = { { "ready", MEMBER_TRUE, "true", NULL, false, NULL, NULL } };
const struct schema shape_ready = SHAPE("ready", ready);

static const char *const types[] = {
	[MEMBER_TEXT] = "string", [MEMBER_URL] = "string", [MEMBER_BOOL] = "boolean", [MEMBER_CONST_TEXT] = "string",
	[MEMBER_CONST_INT] = "integer", [MEMBER_TRUE] = "boolean", [MEMBER_NULL] = "null", [MEMBER_OBJECT] = "object",
	[MEMBER_LIST] = "array",
};
/* clang-format on */

static bool came_before(value_list *values, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(values(j), values(i)) == 0)
			return true;
	return false;
}

void write_words(struct json_writer *w, value_list *values, bool nullable)
{
	json_key(w, "enum");
	json_begin_array(w);
	for (size_t i = 0; values(i); i++)
		if (values(i)[0] != '\0' && !came_before(values, i))
			json_put_text(w, str_of(values(i)));
	if (nullable)
		json_put_null(w);
	json_end_array(w);
}

static void write_type(struct json_writer *w, const struct schema_member *m)
{
	if (!m->nullable) {
		json_field_text(w, "type", str_of(types[m->kind]));
		return;
	}
	json_key(w, "type");
	json_begin_array(w);
	json_put_text(w, str_of(types[m->kind]));
	json_put_text(w, STR("null"));
	json_end_array(w);
}

static void write_value(struct json_writer *w, const struct schema_member *m)
{
	switch (m->kind) {
	case MEMBER_TEXT:
	case MEMBER_URL:
	case MEMBER_CONST_TEXT:
		json_put_text(w, str_of(m->example));
		break;
	case MEMBER_CONST_INT:
	case MEMBER_BOOL:
	case MEMBER_TRUE:
		json_put_raw(w, str_of(m->example));
		break;
	case MEMBER_NULL:
		json_put_null(w);
		break;
	case MEMBER_OBJECT:
		write_example(w, m->schema);
		break;
	case MEMBER_LIST:
		json_begin_array(w);
		write_example(w, m->schema);
		json_end_array(w);
		break;
	}
}

static void write_member(struct json_writer *w, const struct schema_member *m)
{
	json_key(w, m->name);
	if (m->kind == MEMBER_OBJECT) {
		write_schema(w, m->schema);
		return;
	}
	json_begin_object(w);
	write_type(w, m);
	if (m->description)
		json_field_text(w, "description", str_of(m->description));
	if (m->kind == MEMBER_CONST_TEXT || m->kind == MEMBER_CONST_INT || m->kind == MEMBER_TRUE) {
		json_key(w, "const");
		write_value(w, m);
	}
	if (m->kind == MEMBER_URL)
		json_field_text(w, "format", STR("uri"));
	if (m->values)
		write_words(w, m->values, m->nullable);
	if (m->kind == MEMBER_LIST) {
		json_key(w, "items");
		write_schema(w, m->schema);
	}
	json_end_object(w);
}

void write_schema(struct json_writer *w, const struct schema *schema)
{
	json_begin_object(w);
	json_field_text(w, "type", STR("object"));
	json_key(w, "required");
	json_begin_array(w);
	for (size_t i = 0; i < schema->n; i++)
		json_put_text(w, str_of(schema->members[i].name));
	json_end_array(w);
	json_key(w, "properties");
	json_begin_object(w);
	for (size_t i = 0; i < schema->n; i++)
		write_member(w, &schema->members[i]);
	json_end_object(w);
	json_field_bool(w, "additionalProperties", false);
	json_end_object(w);
}

void write_example(struct json_writer *w, const struct schema *schema)
{
	json_begin_object(w);
	for (size_t i = 0; i < schema->n; i++) {
		json_key(w, schema->members[i].name);
		write_value(w, &schema->members[i]);
	}
	json_end_object(w);
}
