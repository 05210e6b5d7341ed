/* What the routes below /v1/users share: the parameters of pages, and the members of a person. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "app/person/person_summary.h"

#define PAGE_LIMIT_DEFAULT 100
#define DOC_PAGE_LIMIT "50", "Length of the page. The default is 100."

/* Reads the path parameter `user_id`. Returns false if it is no id of a person. */
bool read_user_id(const struct call *call, struct public_user_id *out);

/* Writes the members of person_schema into the object that `w` has open. */
void write_person(struct json_writer *w, const struct person_summary *person);
void write_time(struct json_writer *w, const char *key, moment t);
/* Writes the members of a page that follow the list. `next_after` is NULL if there is none. */
void write_page_end(struct json_writer *w, const char *next_after, bool has_more);

/* Sets `reply` to a 400 for a parameter whose value is none of those permitted. Always returns false. */
bool refuse_value(struct call *call, struct str message, struct reply *reply);

/* The members that write_person() writes, for schemas of endpoints. */
#define PERSON_MEMBERS                                                                                       \
	{ "user_id", MEMBER_TEXT, EXAMPLE_USER_ID,                                                           \
		"The person as your tenant knows them. Other tenants get other ids.", false, NULL, NULL },   \
		{ "reference", MEMBER_TEXT, "customer-4711", "Your own id of the person; null without one.", \
			true, NULL, NULL },                                                                  \
		{ "status", MEMBER_TEXT, "approved",                                                         \
			"The person's status. `pending` until an address is verified for your tenant.",      \
			false, kyc_status_values, NULL },                                                    \
		{ "approved", MEMBER_BOOL, "true", "The person is approved: `status` is `approved`.", false, \
			NULL, NULL },                                                                        \
		{ "email_verified", MEMBER_BOOL, "true", "An e-mail address is verified for your tenant.",   \
			false, NULL, NULL },                                                                 \
		{ "wallet_verified", MEMBER_BOOL, "false", "A wallet is verified for your tenant.", false,   \
			NULL, NULL },                                                                        \
		{ "reasons", MEMBER_WORDS, "document_expired",                                               \
			"Why the session was declined, is in review or ended without a result; empty if it " \
			"is approved.",                                                                      \
			false, reason_name_at, NULL },                                                       \
		{ "next_action", MEMBER_TEXT, "none", "What the person does next.", false,                   \
			next_action_name_at, NULL },                                                         \
		{ "created_at", MEMBER_TEXT, "2026-01-31T10:00:00.000Z",                                     \
			"When your tenant first registered the person.", false, NULL, NULL },                \
	{                                                                                                    \
		"updated_at", MEMBER_TEXT, "2026-01-31T10:04:00.000Z",                                       \
			"When something about the person last changed for your tenant.", false, NULL, NULL   \
	}
/* The members of a page that follow the list. */
#define PAGE_MEMBERS(example)                                                                                \
	{ "next_after", MEMBER_TEXT, example,                                                                \
		"Send it as `after` to get the next page; null if there is nothing.", true, NULL, NULL },    \
	{                                                                                                    \
		"has_more", MEMBER_BOOL, "true", "There may be a next page.", false, NULL, NULL              \
	}
