/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-test.h"

#include <errno.h>
#include <string.h>

#include "base/writer.h"

/* One document with everything in it. */
static void write_document(Writer *writer) {
        static const char *const words[] = { "a", "b c", "" };

        writer_begin_object(writer, NULL, WRITER_BLOCK);
        writer_string(writer, "name", "web");
        writer_string(writer, "nothing", NULL);
        writer_bool(writer, "yes", true);
        writer_number(writer, "least", INT64_MIN);
        writer_unsigned(writer, "most", UINT64_MAX);
        writer_strings(writer, "words", WRITER_LINE, words, ELEMENTSOF(words));
        writer_begin_list(writer, "steps", WRITER_BLOCK);
        writer_begin_object(writer, NULL, WRITER_BLOCK);
        writer_string(writer, "kind", "bind");
        writer_begin_object(writer, "ids", WRITER_LINE);
        writer_number(writer, "inside", 0);
        writer_number(writer, "count", 1);
        writer_end(writer);
        writer_end(writer);
        writer_begin_object(writer, NULL, WRITER_BLOCK);
        writer_string(writer, "kind", "proc");
        writer_end(writer);
        writer_end(writer);
        writer_begin_list(writer, "empty", WRITER_BLOCK);
        writer_end(writer);
        writer_end(writer);
}

static void text_is_for_people(void **state) {
        Writer writer;

        (void)state;
        writer_init(&writer, WRITER_TEXT);
        write_document(&writer);
        assert_string_equal(writer_finish(&writer), "name: web\n"
                                                    "nothing: -\n"
                                                    "yes: yes\n"
                                                    "least: -9223372036854775808\n"
                                                    "most: 18446744073709551615\n"
                                                    "words: [a, \"b c\", \"\"]\n"
                                                    "steps:\n"
                                                    "  - kind: bind\n"
                                                    "    ids: {inside: 0, count: 1}\n"
                                                    "  - kind: proc\n"
                                                    "empty: []\n");
        writer_done(&writer);
}

static void json_is_for_programs(void **state) {
        Writer writer;

        (void)state;
        writer_init(&writer, WRITER_JSON);
        write_document(&writer);
        assert_string_equal(writer_finish(&writer), "{\n"
                                                    "  \"name\": \"web\",\n"
                                                    "  \"nothing\": null,\n"
                                                    "  \"yes\": true,\n"
                                                    "  \"least\": -9223372036854775808,\n"
                                                    "  \"most\": 18446744073709551615,\n"
                                                    "  \"words\": [\"a\", \"b c\", \"\"],\n"
                                                    "  \"steps\": [\n"
                                                    "    {\n"
                                                    "      \"kind\": \"bind\",\n"
                                                    "      \"ids\": {\"inside\": 0, \"count\": 1}\n"
                                                    "    },\n"
                                                    "    {\n"
                                                    "      \"kind\": \"proc\"\n"
                                                    "    }\n"
                                                    "  ],\n"
                                                    "  \"empty\": []\n"
                                                    "}\n");
        writer_done(&writer);
}

static void values_cannot_be_taken_for_structure_or_reach_the_terminal(void **state) {
        static const struct {
                const char *value;
                const char *text;
                const char *json;
        } cases[] = {
                { "-", "\"-\"", "\"-\"" },
                { "", "\"\"", "\"\"" },
                { " a", "\" a\"", "\" a\"" },
                { "- a", "\"- a\"", "\"- a\"" },
                { "[a]", "\"[a]\"", "\"[a]\"" },
                { "a\nb: c", "\"a\\nb: c\"", "\"a\\nb: c\"" },
                { "a\"b\\", "\"a\\\"b\\\\\"", "\"a\\\"b\\\\\"" },
                { "\x1b[31m", "\"\\u001b[31m\"", "\"\\u001b[31m\"" },
                { "\x7f", "\"\\u007f\"", "\"\\u007f\"" },
                { "a\xff"
                  "b",
                                "\"a\\ufffdb\"", "\"a\\ufffdb\"" },
                { "\xe2\x80\xae", "\"\\u202e\"", "\"\\u202e\"" },
                { "größe", "größe", "\"größe\"" },
                { "/a=b:c", "/a=b:c", "\"/a=b:c\"" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (int format = 0; format < WRITER_FORMAT_MAX; format++) {
                        char expected[100];
                        Writer writer;

                        writer_init(&writer, (WriterFormat)format);
                        writer_begin_object(&writer, NULL, WRITER_BLOCK);
                        writer_string(&writer, "k", cases[i].value);
                        writer_end(&writer);
                        (void)snprintf(expected, sizeof expected,
                                        format == WRITER_TEXT ? "k: %s\n" : "{\n  \"k\": %s\n}\n",
                                        format == WRITER_TEXT ? cases[i].text : cases[i].json);
                        assert_string_equal(writer_finish(&writer), expected);
                        writer_done(&writer);
                }
}

static void empty_documents_are_complete(void **state) {
        Writer writer;

        (void)state;
        for (int format = 0; format < WRITER_FORMAT_MAX; format++) {
                writer_init(&writer, (WriterFormat)format);
                writer_begin_list(&writer, NULL, WRITER_BLOCK);
                writer_end(&writer);
                assert_string_equal(writer_finish(&writer), "[]\n");
                writer_done(&writer);
        }
}

static void full_disk_is_an_error(void **state) {
        FILE *file = fopen("/dev/full", "w");
        Writer writer;

        (void)state;
        assert_non_null(file);
        writer_init(&writer, WRITER_TEXT);
        write_document(&writer);
        assert_int_equal(writer_print(&writer, file), -ENOSPC);
        writer_done(&writer);
        (void)fclose(file); /* It fails once more. */
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_for_people),
        cmocka_unit_test(json_is_for_programs),
        cmocka_unit_test(values_cannot_be_taken_for_structure_or_reach_the_terminal),
        cmocka_unit_test(empty_documents_are_complete),
        cmocka_unit_test(full_disk_is_an_error),
};

UNIT_TEST_MAIN(tests)
