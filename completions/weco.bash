# bash completion for weco. Made by 'weco generate completions'.
_weco() {
  local line words word about current head files=''
  line=${COMP_LINE:0:COMP_POINT}
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] || ${#words[@]} -eq 0 ]] && words+=('')
  while [[ ${#words[@]} -gt 1 && ${words[0]} != "$1" ]]; do words=("${words[@]:1}"); done
  current=${words[${#words[@]} - 1]}
  COMPREPLY=()
  while IFS=$'\t' read -r word about; do
    case $word in
      :files) files=-f ;;
      :directories) files=-d ;;
      ?*) COMPREPLY+=("$word") ;;
    esac
  done < <(command "$1" completion words -- "${words[@]:1}" 2>/dev/null)
  head=''
  [[ $COMP_WORDBREAKS == *=* && $current == *=* ]] && head=${current%"${current##*=}"}
  [[ $COMP_WORDBREAKS == *:* && $current == *:* ]] && {
    local colon=${current%"${current##*:}"}
    ((${#colon} > ${#head})) && head=$colon
  }
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    while read -r word; do COMPREPLY+=("$word"); done < <(compgen "$files" -- "${current##*=}")
    return
  fi
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:=/] ]] && compopt -o nospace 2>/dev/null
  COMPREPLY=("${COMPREPLY[@]#"$head"}")
}
complete -F _weco weco
