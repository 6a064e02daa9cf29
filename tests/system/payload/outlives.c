/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A PID 1 that does not want to die: it ignores all signals and forgets the tie to its manager. */

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void) {
        for (int i = 1; i < 65; i++)
                signal(i, SIG_IGN);
        prctl(PR_SET_PDEATHSIG, 0);
        if (fork() == 0)
                setsid();
        (void)!write(1, "up\n", 3);
        for (;;)
                sleep(1000);
}
