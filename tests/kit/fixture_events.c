/* The functions of kit/app_fixture.h that read events. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/event/event_json.h"
#include "app/person/reference.h"
#include "app/session/decision.h"
#include "base/attr.h"
#include "base/buf.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

struct events_job {
	struct app_fixture *fx;
	const struct caller *caller;
	struct fixture_events *out;
};

static enum err load_events(struct tx *tx, void *arg)
{
	struct events_job *const job = arg;
	const size_t limit = array_len(job->out->rows);
	const struct event probe = { .position = 0 };
	struct event *const rows = arena_array(tx->arena, struct event, limit);
	const struct event_reader reader = { .tenant_name = str_of(job->caller->tenant.name) };
	size_t n;

	job->out->n = 0;
	TRY(store_find(tx, QUERY_EVENTS_UNNUMBERED, &probe, page_of(0, limit), rows, &n));
	assert_true(n < limit);
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(str_of(rows[i].tenant_id.text), str_of(job->caller->tenant.id.text)))
			continue;
		job->out->rows[job->out->n] = rows[i];
		TRY(event_json_write(&job->fx->world, tx, &rows[i], &reader, &job->out->json[job->out->n]));
		job->out->n++;
	}
	return OK;
}

struct fixture_events *fixture_events(struct app_fixture *fx, const struct caller *caller)
{
	struct fixture_events *const out = arena_new(&fx->arena, struct fixture_events);
	struct events_job job = { fx, caller, out };

	assert_non_null(out);
	assert_int_equal(store_transact(fx->store.inner, TX_READ, &fx->arena, load_events, &job), OK);
	return out;
}

const char *fixture_event_types(struct app_fixture *fx, const struct caller *caller)
{
	const struct fixture_events *const events = fixture_events(fx, caller);
	struct buf text;
	struct str out;

	buf_init(&text, &fx->arena);
	for (size_t i = 0; i < events->n; i++)
		buf_printf(&text, "%s%s", i > 0 ? " " : "", event_type_name(events->rows[i].type));
	assert_int_equal(buf_done(&text, &out), OK);
	return out.p;
}

const char *fixture_event(struct app_fixture *fx, const struct caller *caller, enum event_type type)
{
	const struct fixture_events *const events = fixture_events(fx, caller);

	for (size_t i = events->n; i-- > 0;)
		if (events->rows[i].type == type)
			return events->json[i].p;
	fail_msg("there is no event %s", event_type_name(type));
	return "";
}

void fixture_event_contains(struct app_fixture *fx, const struct caller *caller, enum event_type type, ...)
{
	const char *const json = fixture_event(fx, caller, type);
	const char *part;
	va_list parts;

	va_start(parts, type);
	while ((part = va_arg(parts, const char *)) != NULL)
		if (!strstr(json, part))
			fail_msg("%s is missing in %s", part, json);
	va_end(parts);
}

void fixture_poll_status(
	struct app_fixture *fx, const struct caller *caller, const char *email, enum session_status status)
{
	const struct session session = fixture_latest_session(fx, caller, email);
	const struct session_snapshot snapshot = { .status = status };
	const struct poll_params params = { str_of(session.provider_ref.text), seconds(5), POLL_FOR_CALLER };
	const struct actor actor = { .kind = ACTOR_WORKER };
	enum provider_cause cause;

	fake_provider_set_snapshot(fx->provider, &snapshot);
	assert_int_equal(app_poll_session(&fx->world, &fx->arena, &actor, &params, &cause), OK);
}

void fixture_set_reference(
	struct app_fixture *fx, const struct caller *caller, const char *email, const char *reference)
{
	struct enrolment enrolment = fixture_enrolment(fx, caller, email);
	const struct user user = fixture_user(fx, caller, email);

	assert_int_equal(reference_seal(&fx->world, &fx->arena, &user, &enrolment, str_of(reference)), OK);
	fixture_save(fx, RECORD_ENROLMENT, &enrolment);
}
