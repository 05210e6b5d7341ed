#include "sandbox/server/credentials.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "crypto/digest.h"
#include "sandbox/state/ids.h"
#include "sandbox/state/state.h"
#include "text/encode.h"
#include "text/form.h"
#include "text/json.h"

#define CREDENTIALS_MAX 192 /* size in bytes of client id, colon and client secret */

/* The only valid client id, client secret and API key. */
static const struct str sandbox_credential = STR_INIT("sandbox");

struct token_form {
	struct str grant_type, client_id, client_secret;
};

static const struct field token_fields[] = {
	FIELD(struct token_form, grant_type, FIELD_TEXT, FIELD_OPTIONAL, 1, 64),
	FIELD(struct token_form, client_id, FIELD_TEXT, FIELD_OPTIONAL, 1, 128),
	FIELD(struct token_form, client_secret, FIELD_TEXT, FIELD_OPTIONAL, 1, 128),
};

static const struct form token_request = {
	.fields = token_fields,
	.n = array_len(token_fields),
	.size = sizeof(struct token_form),
	.missing = "grant_type is required",
};

/* Responds with an OAuth error (RFC 6749 section 5.2). */
static void respond_token_error(
	struct request_ctx *ctx, int status, const char *error, const char *description)
{
	struct buf body;
	struct json_writer w;

	if (status == 401)
		reply_header(ctx->reply, STR("WWW-Authenticate"), STR("Basic realm=\"sandbox\""));
	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "error", str_of(error));
	json_field_text(&w, "error_description", str_of(description));
	json_end_object(&w);
	respond_json(ctx, status, &body);
}

static bool basic_credentials_match(struct str credentials)
{
	char text[CREDENTIALS_MAX];
	struct str rest, id;

	while (str_ends(credentials, STR("=")))
		credentials.n--;
	rest = (struct str){ text, credentials.n * 3 / 4 };
	if (rest.n > sizeof(text) || !base64_read(credentials, (unsigned char *)text, rest.n))
		return false;
	return str_cut(&rest, ':', &id) && str_eq(id, sandbox_credential) && str_eq(rest, sandbox_credential);
}

static bool client_credentials_match(const struct request_ctx *ctx, const struct token_form *form)
{
	const struct str basic = request_credentials(ctx, STR("Basic"));

	if (basic.p)
		return basic_credentials_match(basic);
	return str_eq(form->client_id, sandbox_credential) && str_eq(form->client_secret, sandbox_credential);
}

static void respond_token(struct request_ctx *ctx, const char *token, const char *subject)
{
	const int64_t issued = ctx->now.ms / 1000, lifetime = ACCESS_TOKEN_LIFETIME.ms / 1000;
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "iss", STR("https://didit.me"));
	json_field_int(&w, "iat", issued);
	json_field_int(&w, "exp", issued + lifetime);
	json_field_text(&w, "sub", str_of(subject));
	json_field_text(&w, "client_id", sandbox_credential);
	json_field_text(&w, "organization_id", STR(SANDBOX_APPLICATION));
	json_field_int(&w, "expires_in", lifetime);
	json_field_text(&w, "access_token", str_of(token));
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

static void issue_token(struct request_ctx *ctx)
{
	unsigned char digest[DIGEST_BYTES];
	char token[ACCESS_TOKEN_SIZE], subject[UUID_SIZE];

	if (uuid_make(ctx->sandbox->random, subject) != OK ||
		access_token_make(ctx->sandbox->random, token) != OK) {
		respond_detail(ctx, 500, "No randomness.");
		return;
	}
	sha256(str_of(token), digest);
	state_token_add(ctx->sandbox->state, digest, moment_add(ctx->now, ACCESS_TOKEN_LIFETIME));
	respond_token(ctx, token, subject);
	explicit_bzero(token, sizeof(token));
}

void serve_token(struct request_ctx *ctx)
{
	void *body = NULL;
	struct form_problem problem;

	if (!request_body_is(ctx, STR("application/x-www-form-urlencoded")) ||
		form_read_query(&token_request, ctx->request->body, ctx->arena, &body, &problem) !=
			FORM_READ) {
		respond_token_error(
			ctx, 400, "invalid_request", "The body is not a form as RFC 6749 has it.");
		return;
	}

	const struct token_form *const form = body;

	if (!form->grant_type.n)
		respond_token_error(ctx, 400, "invalid_request", "grant_type is required.");
	else if (!str_eq(form->grant_type, STR("client_credentials")))
		respond_token_error(ctx, 400, "unsupported_grant_type", "Only client_credentials is known.");
	else if (!client_credentials_match(ctx, form))
		respond_token_error(ctx, 401, "invalid_client", "Client id or secret is wrong.");
	else
		issue_token(ctx);
}

static bool access_token_is_valid(const struct request_ctx *ctx, struct str token)
{
	unsigned char digest[DIGEST_BYTES];

	sha256(token, digest);
	return state_token_holds(ctx->sandbox->state, digest, ctx->now);
}

static bool respond_unauthorized(struct request_ctx *ctx, struct str credentials)
{
	reply_header(ctx->reply, STR("WWW-Authenticate"), STR("Bearer realm=\"sandbox\""));
	respond_detail(ctx, 401,
		credentials.p ? "Invalid or expired token."
			      : "Authentication credentials were not provided.");
	return false;
}

bool require_access_token(struct request_ctx *ctx)
{
	const struct str token = request_credentials(ctx, STR("Bearer"));

	return (token.p && access_token_is_valid(ctx, token)) || respond_unauthorized(ctx, token);
}

bool require_api_key(struct request_ctx *ctx)
{
	const struct str key = request_header(ctx->request, STR("x-api-key"));
	const struct str token = request_credentials(ctx, STR("Bearer"));

	if (str_eq(key, sandbox_credential) || (!key.n && token.p && access_token_is_valid(ctx, token)))
		return true;
	if (key.n)
		respond_detail(ctx, 401, "Invalid API key.");
	else
		respond_detail(ctx, 403, "You do not have permission to perform this action.");
	return false;
}

bool require_any_credentials(struct request_ctx *ctx)
{
	const struct str key = request_header(ctx->request, STR("x-api-key"));
	const struct str token = request_credentials(ctx, STR("Bearer"));

	if (str_eq(key, sandbox_credential))
		return true;
	if (token.p && (access_token_is_valid(ctx, token) || state_by_token(ctx->sandbox->state, token)))
		return true;
	return respond_unauthorized(ctx, key.p ? key : token);
}
