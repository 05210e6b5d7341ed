/* Counts the packets that a program sends to PostgreSQL, by standing before libpq: each ends with a sync. */
#pragma once

/* Since it was last asked. */
int trips_taken(void);
