/* What an endpoint receives besides the content of an event, if it is registered with `include`
 * (spec/events.md 2): the person's addresses and the URL of a session. Both are loaded when the event is
 * read. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "domain/event.h"
#include "port/store.h"
#include "port/world.h"

/* Loads the addresses of the event's person that the tenant may know: the address that the event is about,
 * and those that the person has verified to the tenant. Of several e-mails, loads the first. A text is empty
 * if there is no such address. */
enum err event_addresses_load(const struct world *world, struct tx *tx, const struct event *event,
	struct str *email, struct str *wallet) must_use;
/* Loads the URL of the session that `members` of an event names by `session_id`; empty: it is not known. */
enum err event_session_url_load(
	const struct world *world, struct tx *tx, struct str members, struct str *url) must_use;
