/* Routes that exist only with --dev, below /sandbox/: the inbox, the movable clock, fault injection and the
 * mounted sandbox. */
#pragma once

struct runtime;

/* Adds these routes to the public listener, before it is started. */
void dev_mode_mount(struct runtime *runtime);
/* Prints the URLs of this server and example calls on stderr. */
void dev_mode_print_intro(const struct runtime *runtime);
