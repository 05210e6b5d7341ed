/* The text of a wallet challenge, in one of three formats:
 * - starkfi: the first two lines of starkfi-kyc-api.md 6.1, then what is signed, where, for whom, until when;
 * - siwe: Sign-In with Ethereum (ERC-4361);
 * - siws: Sign-In with Solana (github.com/phantom/sign-in-with-solana), with the same structure as siwe.
 *
 * Wallets recognise siwe and siws, and warn if the domain in the text is not the site that requests the
 * signature. Each text has the domain, the tenant, the purpose, a nonce of 128 bits, and the times of issue
 * and expiry. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "crypto/wallet.h"
#include "domain/challenge.h"
#include "domain/tenant.h"
#include "port/world.h"

enum challenge_format { CHALLENGE_STARKFI, CHALLENGE_SIWE, CHALLENGE_SIWS, CHALLENGE_FORMATS };

struct challenge_params {
	const struct wallet *wallet;
	enum challenge_format format;
	struct str chain_id; /* as requested; may be empty */
	struct str uri;	     /* as requested; may be empty */
};

/* What is wrong with the parameters of a request, if anything. */
enum challenge_fault {
	CHALLENGE_FAULT_NONE,
	/* The request has chain_id or uri, which the format starkfi does not use. */
	CHALLENGE_FAULT_NOT_SIGN_IN,
	CHALLENGE_FAULT_WALLET,	 /* the wallet is on another chain than the format requires */
	CHALLENGE_FAULT_NO_SITE, /* the tenant has no site, so the challenge could not name a domain */
	CHALLENGE_FAULT_CHAIN_ID,
	CHALLENGE_FAULT_URI, /* the requested uri is not a URI of the tenant's site */
};

/* Returns the name of the format in the API: "starkfi", "siwe" or "siws". */
struct str challenge_format_name(enum challenge_format format);
/* Returns the format with this name, or CHALLENGE_FORMATS if there is none. */
enum challenge_format challenge_format_find(struct str name);
/* Returns a sentence about the fault for the developer who made the request, as static text. */
struct str challenge_fault_message(enum challenge_fault fault);

enum challenge_fault challenge_params_check(
	const struct tenant *tenant, const struct challenge_params *params) must_use;
/* Writes the challenge text into the arena, with the times of `challenge`. The caller must have checked
 * `params` with challenge_params_check. */
enum err challenge_text_write(const struct world *world, struct arena *a, const struct tenant *tenant,
	const struct challenge_params *params, const struct challenge *challenge, struct str *out) must_use;
