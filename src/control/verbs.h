/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Inside control/ only: what the rows of the table point to.
 */

int verb_cat(int argc, char **argv);
int verb_commit(int argc, char **argv);
int verb_diff(int argc, char **argv);
int verb_help(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_reset(int argc, char **argv);
int verb_security(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_stop(int argc, char **argv);
