// SPDX-License-Identifier: Apache-2.0
#include "cli/generate/completions.hpp"

namespace weco::cli {
namespace {

// The line is split here and not by the shell: bash also divides words at ':' and '=', which stand
// inside endpoints; what it completes is only the part behind the last of them.
constexpr std::string_view kBash =
    R"weco(# bash completion for weco. Made by 'weco generate completions'.
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
)weco";

constexpr std::string_view kZsh = R"weco(#compdef weco
# zsh completion for weco. Made by 'weco generate completions'.
_weco() {
  local -a plain plain_shown open open_shown
  local line word about shown
  while IFS= read -r line; do
    word=${line%%$'\t'*}
    about=''
    [[ $line == *$'\t'* ]] && about=${line#*$'\t'}
    shown=$word
    [[ -n $about ]] && shown="$word  -- $about"
    case $word in
      :files) _files; return ;;
      :directories) _files -/; return ;;
      *[:=/]) open+=("$word"); open_shown+=("$shown") ;;
      ?*) plain+=("$word"); plain_shown+=("$shown") ;;
    esac
  done < <(command ${words[1]} completion words -- "${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)
  local found=1
  (( ${#plain} )) && compadd -Q -l -d plain_shown -a plain && found=0
  (( ${#open} )) && compadd -Q -l -S '' -d open_shown -a open && found=0
  return found
}
if [[ ${funcstack[1]} == _weco ]]; then _weco "$@"; else compdef _weco weco; fi
)weco";

constexpr std::string_view kFish =
    R"weco(# fish completion for weco. Made by 'weco generate completions'.
function __weco_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (command $words[1] completion words -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :directories
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c weco -f -a '(__weco_complete)'
)weco";

constexpr ShellScript kScripts[] = {
    {"bash", "weco.bash", kBash}, {"zsh", "_weco", kZsh}, {"fish", "weco.fish", kFish}};

}  // namespace

std::span<const ShellScript> shell_scripts() { return kScripts; }

}  // namespace weco::cli
