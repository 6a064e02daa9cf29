/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/control.h"

#include "base/macro.h"
#include "base/text.h"
#include "control/arguments.h"
#include "control/verbs.h"

/* clang-format off */
static const ControlVerb verbs[] = {
        { "list", "", "List the machines that run",
          VERB_JSON | VERB_NO_LEGEND, "", verb_list },
        { "status", "NAME...", "Show what is known about machines that run",
          VERB_NAMES | VERB_JSON, "", verb_status },
        { "security", "NAME...", "Show what machines that run may do, and what is weak in it",
          VERB_NAMES | VERB_JSON, "", verb_security },
        { "stop", "NAME...", "Shut machines down, and wait until they have ended",
          VERB_NAMES | VERB_FORCE | VERB_TIMEOUT,
          "The time is 90 seconds unless given. A machine that still runs then is left as it is,\n"
          "which is an error; with --force it is ended at once, or after the time that was given.\n",
          verb_stop },
        { "cat", "NAME|--directory=PATH", "Show the settings in effect, and where each one is from",
          VERB_START | VERB_JSON,
          "What follows is read as the options of a start, which count as they would there.\n",
          verb_cat },
        { "diff", "NAME|PATH", "Show what has been changed over a tree",
          VERB_PLACE | VERB_JSON,
          "By a machine that runs with --ephemeral, --volatile=overlay or --upper=, or in a folder\n"
          "of --upper=.\n",
          verb_diff },
        { "commit", "PATH [TREE]", "Put what --upper= kept into its tree, or make a new tree of both",
          VERB_PLACE | VERB_TARGET,
          "Without TREE the folder is empty afterwards. Refused while a machine uses one of them.\n",
          verb_commit },
        { "reset", "PATH", "Throw away what --upper= kept",
          VERB_PLACE, "Refused while a machine uses it.\n", verb_reset },
        { "help", "", "Show the verbs",
          0, "", verb_help },
};
/* clang-format on */

const ControlVerb *control_find(const char *word) {
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (text_equal(verbs[i].name, word))
                        return &verbs[i];

        return NULL;
}

const ControlVerb *control_verbs(size_t *ret_n_verbs) {
        *ret_n_verbs = ELEMENTSOF(verbs);
        return verbs;
}
