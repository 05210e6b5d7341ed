/* Routes that exist only with --dev, below /sandbox/: the inbox, the movable clock, fault injection and the
 * built-in sandbox's API. */
#pragma once

struct runtime;

/* Adds the routes below /sandbox/ to the public listener. Must be called before the listener is started. */
void dev_mode_mount(struct runtime *runtime);
/* Prints the URLs of this server and example calls on stderr. */
void dev_mode_print_intro(const struct runtime *runtime);
