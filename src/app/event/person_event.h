/* Events about a person, for one tenant. The enrolment that represents the person for the tenant carries the
 * id that the tenant knows and the sequence of the last event; see struct enrolment in domain/user.h. An
 * event and its enrolment change in the transaction of the change that the event reports. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "domain/daily_count.h"
#include "domain/event.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"
#include "text/json.h"

/* What an event counts is set by its type: EVENT_USER_PREPARED adds a person, EVENT_USER_ERASED removes one,
 * and other types move nobody. Callers set it themselves where the person's status changes. */
void person_event_set_counts(struct event *event, const struct count_facts *facts);

/* Fills `out` with a new event without data, and advances the sequence of the enrolment. Gives the enrolment
 * its public user id if it has none. The caller stores both rows in one transaction. */
enum err person_event_init(const struct world *world, struct enrolment *enrolment, enum event_type type,
	struct event *out) must_use;
/* Adds an event whose type has no members, except `channel` for EVENT_USER_PREPARED (otherwise empty). Seals
 * nothing and loads nothing unless the enrolment has a reference. The caller saves the enrolment. */
enum err person_event_add(const struct world *world, struct tx *tx, struct enrolment *enrolment,
	enum event_type type, const char *channel) must_use;
/* The same with other counts than those of the type, and without a channel. */
enum err person_event_add_counting(const struct world *world, struct tx *tx, struct enrolment *enrolment,
	enum event_type type, const struct count_facts *facts) must_use;

/* Seals the data of an event whose only member is the reference. */
enum err person_event_seal_reference(const struct world *world, struct arena *a, const struct user *user,
	struct str reference, struct event *event) must_use;

/* An event with members: event_draft_begin(), then write the members with `w`, then event_draft_add(). `w`
 * points to `text`, so the struct must not be copied. */
struct event_draft {
	struct event event;
	struct buf text;
	struct json_writer w;
};
/* Begins an event about a person, with the person's reference. `user` is the enrolled user. The caller saves
 * the enrolment. */
enum err event_draft_begin(const struct world *world, struct tx *tx, const struct user *user,
	struct enrolment *enrolment, enum event_type type, struct event_draft *out) must_use;
/* Begins an event about no person. */
enum err event_draft_begin_for_tenant(const struct world *world, struct tx *tx,
	const struct tenant_id *tenant, enum event_type type, struct event_draft *out) must_use;
/* Seals the members with the user's key, and adds the event. If `user` is NULL, the event gets no user_id and
 * is sealed with a key of the database. */
enum err event_draft_add(const struct world *world, struct tx *tx, const struct user *user,
	struct event_draft *draft) must_use;
