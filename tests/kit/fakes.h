/* The fakes behind struct app_fixture. Each function sets the operations of one port and the initial state.
 */
#pragma once

#include "kit/app_fixture.h"

void fake_clock_init(struct fake_clock *clock);
void fake_random_init(struct fake_random *random);
/* The caller opens `store->inner` before this call and closes it when the test ends. */
void faulty_store_init(struct faulty_store *store);
void fake_mailer_init(struct fake_mailer *mailer, struct clock *clock);
