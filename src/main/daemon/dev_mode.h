/* What exists in --dev only, below /sandbox/: the inbox, the movable clock, faults, and the mounted sandbox.
 */
#pragma once

struct runtime;

void dev_mode_mount(struct runtime *runtime);
/* Where everything is, and the lines to try. */
void dev_mode_print_intro(const struct runtime *runtime);
