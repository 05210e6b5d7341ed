/* An identity provider for tests. It returns what the test has set, counts its calls, fails with a chosen
 * cause, and can hold `create` calls until the test releases them. All functions are thread-safe, except
 * fake_provider_last_*, which must not be called while another thread uses the provider. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "port/provider.h"

/* Opens a provider whose sessions have the ids "scripted-1", "scripted-2" …, the URLs
 * "https://provider.test/session/1" … and the status Not Started. */
enum err fake_provider_open(struct provider **out) must_use;

/* Return the numbers of calls received, including calls that wait or failed. */
size_t fake_provider_create_count(struct provider *provider);
size_t fake_provider_poll_count(struct provider *provider);
size_t fake_provider_find_count(struct provider *provider);
/* Return the parameters of the last `find` call, and the priority of the last `read` call. */
struct session_search fake_provider_last_search(struct provider *provider);
enum poll_priority fake_provider_last_priority(struct provider *provider);
/* Returns the opaque person id (vendor_data) of the last `create` or `find` call. The text is valid until the
 * next of these calls. */
struct str fake_provider_last_person_id(struct provider *provider);

/* From now on all calls fail with this cause: they return ERR_BUSY for PROVIDER_PAUSED, otherwise
 * ERR_UPSTREAM. With PROVIDER_OK calls succeed again. */
void fake_provider_set_failure(struct provider *provider, enum provider_cause cause);
/* The same with all details. */
void fake_provider_set_failure_details(struct provider *provider, const struct provider_failure *failure);
/* From now on `create` calls wait until fake_provider_release_creates is called, but at most 30 s. */
void fake_provider_hold_creates(struct provider *provider);
void fake_provider_release_creates(struct provider *provider);
/* Sleeps until at least `n` `create` calls wait; returns false after `limit`. */
bool fake_provider_wait_for_creates(struct provider *provider, size_t n, duration limit);

/* Sets what `read` returns. The member `ref` is ignored; `read` returns the requested one. Texts of the
 * decision must outlive the provider. By default the session is Not Started. */
void fake_provider_set_snapshot(struct provider *provider, const struct session_snapshot *snapshot);
/* Sets what `find` returns, whatever its parameters; NULL: no session is found. The session's URL must
 * outlive the provider. Before the first call of this function the provider does not support `find`. */
void fake_provider_set_found_session(struct provider *provider, const struct provider_session *session);
/* Sets what `pause` returns; the default is one second. */
void fake_provider_set_retry_after(struct provider *provider, duration wait);
/* Sets what `parse_event` returns; `event` may be NULL unless `result` is EVENT_PARSE_OK. Texts must outlive
 * the provider. The default is EVENT_PARSE_BAD_SIGNATURE. */
void fake_provider_set_event(struct provider *provider, enum provider_event_parse_result result,
	const struct provider_event *event);

/* The calls of `decide`: their number, and the parameters of the last one. A test that sets `during` has it
 * run in each call, before the call returns. Not for several threads. */
struct fake_verdicts {
	size_t n;
	enum session_status status;
	char ref[65], comment[1200];
	void (*during)(void *arg);
	void *arg;
};
struct fake_verdicts *fake_provider_verdicts(struct provider *provider);
