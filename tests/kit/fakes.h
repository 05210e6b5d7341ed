/* What stands behind a kit's world: each fills in the functions of its port. */
#pragma once

#include "kit/world.h"

void fake_clock(struct kit_clock *clock);
void fake_random(struct kit_random *random);
void fake_store(struct kit_store *store);
void fake_mailer(struct kit_mailer *mailer, struct clock *clock);
