/* Steps of tests of webhook deliveries: endpoints, events with positions, and their deliveries. Each function
 * fails the test if its step does not succeed. */
#pragma once

#include "app/webhook/dispatch.h"
#include "domain/webhook_delivery.h"
#include "kit/app_fixture.h"
#include "kit/fake_sender.h"

/* Adds an enabled endpoint for all types. `url` must outlive the test. */
struct webhook_endpoint webhook_fixture_endpoint(
	struct app_fixture *fx, const struct caller *caller, const char *url);
/* Loads the endpoint's row again. */
struct webhook_endpoint webhook_fixture_reload(
	struct app_fixture *fx, const struct webhook_endpoint *endpoint);
/* Adds a numbered event about a person (or NULL: about nobody), and its delivery to the endpoint. Returns the
 * row. The person is not stored, so the event has no sealed data. */
struct effect webhook_fixture_delivery(
	struct app_fixture *fx, const struct webhook_endpoint *endpoint, const char *person);
struct effect webhook_fixture_row(struct app_fixture *fx, const struct effect *delivery);
/* Runs rounds until nothing changes: every request that can be started is in flight. */
void webhook_fixture_run(struct dispatch *dispatch);
