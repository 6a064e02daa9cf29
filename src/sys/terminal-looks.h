/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a terminal looks like: its title, and its own background, not one of what is printed, so
 * that programs that know nothing of it cannot spoil it.
 *
 * Source: "XTerm Control Sequences": OSC 0, 11 and 111, CSI 22 t and 23 t, and CSI c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Escape sequences that give a terminal other looks, and its own ones back. Empty: none change. */
typedef struct {
        char on[192];
        char off[64];
} TerminalLooks;

/* Other looks with TITLE, which may be NULL, and with a background that is to be added. */
void terminal_looks_set(TerminalLooks *looks, const char *title, bool has_background);

/* BACKGROUND: six hex digits. */
void terminal_looks_add_background(TerminalLooks *looks, const char *background);

/* Writes TEXT to the terminal FD, as far as it takes it now: for looks, which may fail. */
void terminal_show(int fd, const char *text);

/* Adds a background that is a shade of the terminal's own one, which is asked for it: in raw mode,
 * and for a third of a second at most. Nearly all terminals answer a second question that comes
 * with it, so those without an answer to the first are not waited for; their background stays.
 *
 * keys: SIZE bytes, for what was typed meanwhile
 * Returns how much that was. */
size_t terminal_looks_tint(TerminalLooks *looks, int in_fd, int out_fd, char *keys, size_t size);

/* Takes the answers out of the SIZE bytes of KEYS, in place, and returns how many are left.
 * ret_color: the background as 0xRRGGBB, or -1 if they do not say it */
size_t terminal_take_answers(char *keys, size_t size, int32_t *ret_color);
