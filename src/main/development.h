/* What exists in --dev only, below /sandbox/: the inbox, the movable clock, faults, and the mounted sandbox.
 */
#pragma once

struct house;

void development_mount(struct house *house);
/* Where everything is, and the lines to try. */
void development_greet(const struct house *house);
