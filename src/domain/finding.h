/* The kinds of findings of the checks of an installation (`kycd doctor`). */
#pragma once

enum finding { FINDING_OK, FINDING_WARNING, FINDING_ERROR };
