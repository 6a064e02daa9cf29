# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion of boot-tree(1). What it offers comes from the program: boot-tree --dump-options.

# Prints a field of the option $1 (--name or -X) in the dump $2: 3 argument, 7 words.
_boot_tree_field() {
        local label=$1 dump=$2 field=$3

        awk -F '\t' -v label="$label" -v field="$field" \
                '("--" $1 == label) || ("-" $2 == label) { print $field; exit }' <<< "$dump"
}

# Prints all names of containers: of those that run with "running", else of trees too.
_boot_tree_names() {
        local folder

        for folder in /run/boot-tree/*/; do
                [ -d "$folder" ] && basename "$folder"
        done
        [ "${1-}" = running ] && return
        for folder in /{etc,run,var/lib,usr/local/lib,usr/lib}/machines/*/; do
                [ -d "$folder" ] && basename "$folder"
        done
}

# Offers values of the option $1 that start with $2.
_boot_tree_values() {
        local label=$1 current=$2 words

        case $label in
        --directory | -D | --template | --mstack | --layer | --upper | --forward-journal)
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -d -- "$current")
                return
                ;;
        --bind | --bind-ro)
                compopt -o filenames 2>/dev/null
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
                return
                ;;
        --machine | -M)
                words=$(_boot_tree_names)
                ;;
        *)
                words=$(_boot_tree_field "$label" "$dump" 7)
                ;;
        esac
        [ "$words" = - ] && words=
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

_boot_tree() {
        local current=${COMP_WORDS[COMP_CWORD]} word words label i verbs="cat commit diff help list reset run security status stop" dump own_options=

        COMPREPLY=()
        dump=$(boot-tree --dump-options 2>/dev/null) || return

        if [ "$COMP_CWORD" = 1 ] && [[ $current != -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$current")
                return
        fi
        case ${COMP_WORDS[1]} in
        commit | diff | reset)
                words=--help
                [ "${COMP_WORDS[1]}" = diff ] && words+=" --json"
                if [[ $current != -* ]]; then
                        words=
                        [ "${COMP_WORDS[1]}" = diff ] && words=$(_boot_tree_names running)
                        compopt -o filenames 2>/dev/null
                        mapfile -t COMPREPLY < <(compgen -d -- "$current")
                fi
                mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$words" -- "$current")
                return
                ;;
        help | list | security | status | stop)
                case ${COMP_WORDS[1]} in
                help) words=--help ;;
                list) words="--json --no-legend --help" ;;
                security | status) words="--json --help" ;;
                stop) words="--force --timeout= --help" ;;
                esac
                if [[ $current != -* ]]; then
                        words=
                        [[ ${COMP_WORDS[1]} == s* ]] && words=$(_boot_tree_names running)
                fi
                mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
                return
                ;;
        esac

        # The words of "cat" are the name of a container or the options of a start.
        [ "${COMP_WORDS[1]}" = cat ] && own_options=$'\n--json'
        if [ "${COMP_WORDS[1]}" = cat ] && [ "$COMP_CWORD" = 2 ] && [[ $current != -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(_boot_tree_names)" -- "$current")
                return
        fi

        # Options end at the first word that is neither an option nor an option's argument. bash
        # cuts "--name=value" into three words.
        for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if [ "$i" = 1 ] && [[ $word = run || $word = cat ]]; then
                        continue
                fi
                if [ "$i" = 2 ] && [ "${COMP_WORDS[1]}" = cat ] && [[ $word != -* ]]; then
                        continue
                fi
                if [ "$word" = -- ] || [[ $word != -* ]]; then
                        compopt -o default 2>/dev/null
                        return
                fi
                label=$word
                if [ "${COMP_WORDS[i + 1]-}" = "=" ]; then
                        [ $((i + 1)) = "$COMP_CWORD" ] && current=
                        if [ $((i + 2)) -ge "$COMP_CWORD" ]; then
                                _boot_tree_values "$label" "$current"
                                return
                        fi
                        ((i += 2))
                elif [ "$(_boot_tree_field "$label" "$dump" 3)" = required ]; then
                        if [ $((i + 1)) = "$COMP_CWORD" ]; then
                                _boot_tree_values "$label" "$current"
                                return
                        fi
                        ((i++))
                fi
        done

        if [[ $current == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(awk -F '\t' '$1 != "-" && $6 !~ /obsolete/ {
                        print "--" $1 ($3 == "required" ? "=" : "")
                }' <<< "$dump")${own_options}" -- "$current")
                if [[ ${#COMPREPLY[@]} = 1 && ${COMPREPLY[0]} == *= ]]; then
                        compopt -o nospace 2>/dev/null
                fi
        fi
}

complete -F _boot_tree boot-tree
