/* Checks the tables of port/record, from which the SQL of both databases and the memory store are derived. */
#include "port/record.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "domain/idempotency.h"
#include "port/query.h"
#include "port/store.h"

#define ID_COLUMN_MAX 513 /* size of the longest text column, including the terminating 0 */

/* The expected table names, sizes and key columns. */
static const struct {
	enum record_kind kind;
	const char *table;
	size_t size;
	const char *keys[3];
} expected[] = {
	{ RECORD_KEYRING, "keyrings", sizeof(struct keyring), { "name" } },
	{ RECORD_TENANT, "tenants", sizeof(struct tenant), { "id" } },
	{ RECORD_API_KEY, "api_keys", sizeof(struct api_key), { "id" } },
	{ RECORD_USER, "users", sizeof(struct user), { "id" } },
	{ RECORD_ADDRESS, "addresses", sizeof(struct address), { "blind_index" } },
	{ RECORD_ENROLMENT, "enrolments", sizeof(struct enrolment),
		{ "tenant_id", "user_id", "blind_index" } },
	{ RECORD_OTP, "otps", sizeof(struct otp), { "tenant_id", "user_id" } },
	{ RECORD_SESSION, "sessions", sizeof(struct session), { "id" } },
	{ RECORD_QUOTA, "quotas", sizeof(struct quota), { "tenant_id", "month" } },
	{ RECORD_EFFECT, "effects", sizeof(struct effect), { "id" } },
	{ RECORD_PROVIDER_EVENT, "provider_events", sizeof(struct provider_event_entry), { "event_key" } },
	{ RECORD_AUDIT_ENTRY, "audit_entries", sizeof(struct audit_entry), { "id" } },
	{ RECORD_IP_LIMIT, "ip_limits", sizeof(struct ip_limit), { "ip_hash" } },
	{ RECORD_PROVIDER_EVENT_BODY, "provider_event_bodies", sizeof(struct provider_event_body),
		{ "event_key" } },
	{ RECORD_HEARTBEAT, "heartbeats", sizeof(struct heartbeat), { "name" } },
	{ RECORD_LEASE, "leases", sizeof(struct lease), { "name" } },
	{ RECORD_CHALLENGE, "challenges", sizeof(struct challenge), { "tenant_id", "wallet_index" } },
	{ RECORD_RATE, "rates", sizeof(struct rate), { "name" } },
	{ RECORD_TOKEN, "provider_tokens", sizeof(struct provider_token), { "name" } },
	{ RECORD_CLAIM, "claims", sizeof(struct claim), { "tenant_id", "email_index" } },
	{ RECORD_IDEMPOTENCY_ENTRY, "idempotency_entries", sizeof(struct idempotency_entry),
		{ "entry_key" } },
	{ RECORD_COUNTER, "counters", sizeof(struct counter), { "name" } },
	{ RECORD_EVENT, "events", sizeof(struct event), { "id" } },
	{ RECORD_WEBHOOK_ENDPOINT, "webhook_endpoints", sizeof(struct webhook_endpoint), { "id" } },
	{ RECORD_BRANDING, "brandings", sizeof(struct branding), { "tenant_id" } },
	{ RECORD_LOGO, "logos", sizeof(struct logo), { "digest" } },
	{ RECORD_CONSENT_TEXT, "consent_texts", sizeof(struct consent_text), { "digest" } },
	{ RECORD_VERIFICATION_LINK, "verification_links", sizeof(struct verification_link), { "id" } },
	{ RECORD_VERIFICATION_RESULT, "verification_results", sizeof(struct verification_result),
		{ "token_digest" } },
	{ RECORD_OPERATOR_ACCOUNT, "operator_accounts", sizeof(struct operator_account), { "id" } },
	{ RECORD_PASSKEY, "passkeys", sizeof(struct passkey), { "credential_digest" } },
	{ RECORD_PASSKEY_CHALLENGE, "passkey_challenges", sizeof(struct passkey_challenge),
		{ "challenge_digest" } },
	{ RECORD_CONSOLE_SESSION, "console_sessions", sizeof(struct console_session), { "token_digest" } },
	{ RECORD_DAILY_COUNT, "daily_counts", sizeof(struct daily_count), { "tenant_id", "day" } },
	{ RECORD_DECISION_COUNT, "decision_counts", sizeof(struct decision_count), { "tenant_id", "day" } },
	{ RECORD_REVIEW, "reviews", sizeof(struct review), { "session_id" } },
	{ RECORD_OPERATOR_NOTE, "operator_notes", sizeof(struct operator_note), { "id" } },
	{ RECORD_INSTANCE, "instances", sizeof(struct server_instance), { "id" } },
};

static void every_record_begins_with_its_key_columns(void **state)
{
	(void)state;
	assert_int_equal(array_len(expected), RECORD_COUNT);
	for (size_t i = 0; i < array_len(expected); i++) {
		const struct record *r = &records[expected[i].kind];
		size_t n_keys = 0;

		while (n_keys < array_len(expected[i].keys) && expected[i].keys[n_keys] != NULL)
			n_keys++;
		print_message("# %s\n", expected[i].table);
		assert_string_equal(r->table, expected[i].table);
		assert_int_equal(r->size, expected[i].size);
		assert_int_equal(r->n_keys, n_keys);
		assert_true(r->n > r->n_keys);
		for (size_t k = 0; k < n_keys; k++)
			assert_string_equal(r->columns[k].name, expected[i].keys[k]);
	}
}

static bool is_key_kind(enum column_kind kind)
{
	return kind == COLUMN_ID || kind == COLUMN_INT || kind == COLUMN_DIGEST;
}

static void key_columns_have_comparable_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORD_COUNT; i++)
		for (size_t k = 0; k < records[i].n_keys; k++)
			assert_true(is_key_kind(records[i].columns[k].kind));
}

static void assert_size_fits(const struct column *c)
{
	static const size_t sizes[] = {
		[COLUMN_ID] = 0,
		[COLUMN_INT] = sizeof(int64_t),
		[COLUMN_ENUM] = sizeof(enum session_status),
		[COLUMN_FLAG] = sizeof(bool),
		[COLUMN_MOMENT] = sizeof(moment),
		[COLUMN_DIGEST] = sizeof(struct digest),
		[COLUMN_BYTES] = sizeof(struct str),
		[COLUMN_MAC] = 0,
	};

	assert_true(c->kind < array_len(sizes));
	if (c->kind == COLUMN_ID)
		assert_in_range(c->size, 2, ID_COLUMN_MAX);
	else
		assert_int_equal(c->size, sizes[c->kind]);
}

static size_t alignment(const struct column *c)
{
	static const size_t alignments[] = {
		[COLUMN_ID] = 1,
		[COLUMN_INT] = _Alignof(int64_t),
		[COLUMN_ENUM] = _Alignof(enum session_status),
		[COLUMN_FLAG] = _Alignof(bool),
		[COLUMN_MOMENT] = _Alignof(moment),
		[COLUMN_DIGEST] = 1,
		[COLUMN_BYTES] = _Alignof(struct str),
		[COLUMN_MAC] = 1,
	};

	return alignments[c->kind];
}

static bool overlap(const struct column *a, const struct column *b)
{
	return a->offset < b->offset + b->size && b->offset < a->offset + a->size;
}

static void columns_fit_into_their_struct_without_overlap(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		const struct record *r = &records[i];

		for (size_t c = 0; c < r->n; c++) {
			const struct column *column = &r->columns[c];

			print_message("# %s.%s\n", r->table, column->name);
			assert_size_fits(column);
			assert_true(column->offset + column->size <= r->size);
			assert_int_equal(column->offset % alignment(column), 0);
			for (size_t other = 0; other < c; other++) {
				assert_string_not_equal(column->name, r->columns[other].name);
				assert_false(overlap(column, &r->columns[other]));
			}
		}
	}
}

static const struct column *column_at(const struct record *r, size_t byte)
{
	for (size_t c = 0; c < r->n; c++) {
		if (r->columns[c].offset <= byte && byte < r->columns[c].offset + r->columns[c].size)
			return &r->columns[c];
	}
	return NULL;
}

static size_t largest_alignment(const struct record *r)
{
	size_t most = 1;

	for (size_t c = 0; c < r->n; c++)
		most = alignment(&r->columns[c]) > most ? alignment(&r->columns[c]) : most;
	return most;
}

/* A member of the struct without a column would be lost when it is stored. So every byte of the struct that
 * no column covers must be padding, which is shorter than the alignment of the next member. */
static void every_member_has_a_column(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		const struct record *r = &records[i];
		size_t gap = 0;

		for (size_t byte = 0; byte < r->size; byte++) {
			const struct column *here = column_at(r, byte);

			gap = here == NULL ? gap + 1 : gap;
			if (here == NULL)
				continue;
			print_message("# %s.%s after %zu\n", r->table, here->name, gap);
			assert_true(gap < alignment(here));
			gap = 0;
			byte = here->offset + here->size - 1;
		}
		assert_true(gap < largest_alignment(r));
	}
}

static void names_are_lower_case_and_unique(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";

	(void)state;
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		assert_int_equal(strspn(records[i].table, letters), strlen(records[i].table));
		for (size_t c = 0; c < records[i].n; c++) {
			const char *name = records[i].columns[c].name;

			assert_int_equal(strspn(name, letters), strlen(name));
			assert_ptr_equal(record_column(&records[i], name), &records[i].columns[c]);
		}
		for (size_t other = 0; other < i; other++)
			assert_string_not_equal(records[i].table, records[other].table);
	}
}

static int kind_of(const struct record *r, const char *name)
{
	for (size_t c = 0; c < r->n; c++) {
		if (strcmp(r->columns[c].name, name) == 0)
			return (int)r->columns[c].kind;
	}
	return -1;
}

static bool is_first_key(const struct record *r, const char *name)
{
	return strcmp(r->columns[0].name, name) == 0 && r->columns[0].kind == COLUMN_ID;
}

/* Returns whether the column is part of the key. Queries may sort by such a column, because the key's index
 * gives the order. */
static bool is_key(const struct record *r, const char *name)
{
	for (size_t c = 0; c < r->n_keys; c++)
		if (strcmp(r->columns[c].name, name) == 0)
			return true;
	return false;
}

/* These ids grow with the time of their creation too, and index entries are sorted by them. */
static bool is_id_of_another_row(const char *name)
{
	return strcmp(name, "public_user_id") == 0 || strcmp(name, "endpoint_id") == 0;
}

static bool filter_is_valid(const struct record *r, const struct filter *filter)
{
	const int kind = kind_of(r, filter->column);

	switch (filter->match) {
	case MATCH_EQUAL:
	case MATCH_NOT:
		return kind >= 0 && kind != COLUMN_BYTES;
	case MATCH_BELOW:
	case MATCH_UP_TO:
	case MATCH_ABOVE:
	case MATCH_FROM:
		/* ids grow with the time of their creation */
		return kind == COLUMN_MOMENT || kind == COLUMN_INT || is_first_key(r, filter->column) ||
		       is_id_of_another_row(filter->column);
	case MATCH_ABOVE_ZERO:
		return kind == COLUMN_INT;
	case MATCH_ZERO:
		return kind == COLUMN_INT || kind == COLUMN_FLAG;
	case MATCH_TWO:
		return kind == COLUMN_ENUM;
	case MATCH_EQUAL_NOT_EMPTY:
		return kind == COLUMN_ID;
	case MATCH_UNIQUE:
		return r->unique != NULL && strcmp(r->unique, filter->column) == 0;
	}
	return false;
}

static void every_filter_is_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < QUERY_COUNT; i++) {
		const struct query *q = &queries[i];

		print_message("# query %zu\n", i);
		assert_true(q->of < RECORD_COUNT);
		assert_true(q->n <= QUERY_FILTERS);
		for (size_t f = 0; f < q->n; f++) {
			assert_non_null(q->filters[f].column);
			assert_true(filter_is_valid(&records[q->of], &q->filters[f]));
			for (size_t other = 0; other < f; other++)
				assert_string_not_equal(q->filters[f].column, q->filters[other].column);
		}
		for (size_t f = q->n; f < QUERY_FILTERS; f++)
			assert_null(q->filters[f].column);
	}
}

static void every_query_has_a_sort_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < QUERY_COUNT; i++) {
		const struct query *q = &queries[i];
		const int kind = kind_of(&records[q->of], q->sort_column);

		print_message("# query %zu\n", i);
		assert_true(kind == COLUMN_MOMENT || kind == COLUMN_INT || kind == COLUMN_ID ||
			    (is_key(&records[q->of], q->sort_column) && !q->newest_first));
		assert_true(q->newest_first == 0 || q->newest_first == 1);
	}
}

/* A unique column must be a text, because only a text has a value, the empty one, that means "none". Exactly
 * one query uses each unique column. */
static void every_unique_column_has_one_query(void **state)
{
	(void)state;
	for (size_t i = 0; i < RECORD_COUNT; i++) {
		size_t n_queries = 0;

		if (records[i].unique == NULL)
			continue;
		assert_int_equal(kind_of(&records[i], records[i].unique), COLUMN_ID);
		for (size_t q = 0; q < QUERY_COUNT; q++)
			n_queries += queries[q].of == i && queries[q].filters[0].match == MATCH_UNIQUE;
		assert_int_equal(n_queries, 1);
	}
}

/* A query that is missing in the table would be all zeros, which is a query for all keyrings. */
static void every_query_is_defined(void **state)
{
	(void)state;
	for (size_t i = 0; i < QUERY_COUNT; i++) {
		assert_int_equal(queries[i].of == RECORD_KEYRING, i == QUERY_KEYRING);
		for (size_t other = 0; other < i; other++)
			assert_memory_not_equal(&queries[i], &queries[other], sizeof(queries[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_begins_with_its_key_columns),
		cmocka_unit_test(key_columns_have_comparable_kinds),
		cmocka_unit_test(columns_fit_into_their_struct_without_overlap),
		cmocka_unit_test(every_member_has_a_column),
		cmocka_unit_test(names_are_lower_case_and_unique),
		cmocka_unit_test(every_filter_is_valid),
		cmocka_unit_test(every_query_has_a_sort_order),
		cmocka_unit_test(every_unique_column_has_one_query),
		cmocka_unit_test(every_query_is_defined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
