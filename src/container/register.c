/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "container/register.h"
int register_open(Container *container) { (void)container; return 0; }
int register_begin_scope(Container *container) { (void)container; return 0; }
int register_finish_scope(Container *container) { (void)container; return 0; }
int register_machine(Container *container) { (void)container; return 0; }
void register_get_poll(Container *container, struct pollfd *ret_pollfd, uint64_t *ret_deadline_us) { (void)container; *ret_pollfd = (struct pollfd){.fd=-1}; *ret_deadline_us = UINT64_MAX; }
bool register_process(Container *container) { (void)container; return false; }
void register_done_boot(Container *container) { (void)container; }
void register_done(Container *container) { (void)container; }
