/* A background thread that measures what lies outside of the program, for the metrics: the free space of the
 * disk and the age of the last backup every ten seconds (only with a SQLite file), and the certificates of
 * the public URL, the provider and the mail server every hour. */
#pragma once

#include "base/err.h"
#include "main/config/config.h"

struct measurements;

/* Measures the files once before it returns. `config` must stay valid until measurements_stop. */
enum err measurements_start(const struct config *config, struct measurements **out) must_use;
/* Waits for the current measurement, a few seconds at most, and joins the thread. Accepts NULL. */
void measurements_stop(struct measurements *m);
