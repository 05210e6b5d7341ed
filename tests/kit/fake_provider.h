/* A provider that answers as it is told, for tests of the use cases: counts its calls, fails with a cause,
 * lets creations wait until they are released. Threads at the same time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "port/provider.h"

/* Sessions are "scripted-1", "scripted-2" …, their URLs "https://provider.test/session/1" …, their status Not
 * Started. */
enum err fake_provider_open(struct provider **out) must_use;

/* Calls that came in, those that waited or failed included. */
size_t fake_provider_creates(struct provider *provider);
size_t fake_provider_reads(struct provider *provider);
size_t fake_provider_finds(struct provider *provider);
/* What the last search asked for, and whom the last reading was for. */
struct session_search fake_provider_search(struct provider *provider);
enum poll_priority fake_provider_read_for(struct provider *provider);
/* The vendor_data of the last creation or search; valid until the next one. */
struct str fake_provider_person(struct provider *provider);

/* From now on calls fail so (ERR_BUSY with PROVIDER_PAUSED, else ERR_UPSTREAM); PROVIDER_OK: no more. */
void fake_provider_fail(struct provider *provider, enum provider_cause cause);
/* Creations wait from now on; `fake_provider_release` lets all go. */
void fake_provider_hold(struct provider *provider);
void fake_provider_release(struct provider *provider);
/* Sleeps until `n` creations are waiting; false when `limit` came first. */
bool fake_provider_await(struct provider *provider, size_t n, duration limit);

/* What a reading says from now on. `ref` is filled in; texts of the decision must outlive the provider.
 * Before the first one a reading says Not Started. */
void fake_provider_reading(struct provider *provider, const struct session_snapshot *snapshot);
/* From now on sessions can be searched for, and a search finds this one, whatever it asks for; NULL: nothing.
 * Its URL must outlive the provider. Before the first one it is a provider without `find`. */
void fake_provider_left(struct provider *provider, const struct provider_session *created);
/* How long to wait after PROVIDER_PAUSED; a second before the first one. */
void fake_provider_pause(struct provider *provider, duration wait);
/* What an event is taken for from now on; before, every signature is bad. Texts must outlive the provider. */
void fake_provider_event(struct provider *provider, enum provider_event_parse_result verdict,
	const struct provider_event *event);
