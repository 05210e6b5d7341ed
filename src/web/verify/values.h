/* The values of the templates of the steps of a verification link. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"
#include "html/page.h"
#include "i18n/messages.h"

/* An item of `errors`. */
struct verify_error_item {
	enum message_id message;
	struct str field; /* id of the field's element; empty: none */
	struct str time;  /* markup, for {time} in the message */
};

/* A moment, for {time} in a message. The lists of it have one item, or none. */
struct verify_time {
	struct str time; /* markup */
};

/* An item of `texts`. */
struct verify_text {
	enum message_id text;
	struct str time; /* markup, for {time} in the text */
};

struct verify_values {
	/* The error of the last form, in a list of one item and as a message. One flag is set for a field. */
	struct template_list errors;
	enum message_id error;
	bool consent_error, email_error, code_error, wallet_error, signature_error;
	/* URLs of the page, of other steps and of the forms, in the page's language. */
	struct str self_url, address_step_url, wallet_step_url, state_url;
	struct str start_url, email_url, code_url, resend_url, challenge_url, signature_url, check_url,
		return_url;
	struct str version;
	struct str step, steps; /* numbers, for VERIFY_STEP; empty on pages outside the steps */
	bool is_final;		/* the script need not ask for changes */
	/* The first page. */
	struct str consent_text, consent_digest;
	/* Address, code and wallet. The address of the link, shortened, is `address` or, for a wallet,
	 * `wallet`; the flags say which. */
	struct str address, wallet;
	bool given_email, given_wallet;
	bool is_other_open; /* the field for another address is visible */
	/* Code and signature. `ended`: why it cannot be entered any more. */
	enum message_id ended;
	bool is_sent; /* a new code was sent just now */
	struct template_list valid_until, resend_at;
	struct str message; /* the text to sign */
	/* Check: the link itself, and its QR code. */
	struct str link_url, qr;
	/* Result. */
	struct str kind; /* last part of the class of the badge */
	enum message_id title, action;
	struct template_list texts;
	bool may_return, may_refresh;
	bool needs_support; /* only the tenant can help */
};

/* The pages. A step of the link can have two: the wallet's address and its signature, the start of the check
 * and the state of a session that was begun. */
enum verify_page_kind {
	VERIFY_PAGE_START,
	VERIFY_PAGE_ADDRESS,
	VERIFY_PAGE_CODE,
	VERIFY_PAGE_WALLET,
	VERIFY_PAGE_SIGN,
	VERIFY_PAGE_CHECK,
	VERIFY_PAGE_RESULT,
	VERIFY_PAGES
};
/* Their templates, whose values are a struct verify_values. */
extern const struct page_template verify_pages[VERIFY_PAGES];

/* Returns markup of a moment, which the script shows in the person's time zone: the time of day in UTC, with
 * the date if `with_date` is true. On failure `p` is NULL. */
struct str verify_time_markup(struct arena *a, moment t, bool with_date);
