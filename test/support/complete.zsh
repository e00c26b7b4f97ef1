# Prints what an interactive zsh offers for a command line, one a line: zsh -f complete.zsh SCRIPT LINE
zmodload zsh/zpty
zpty shell zsh -f -i
say() { zpty -w shell "$1" }
say "PS1= PS2= RPS1=; setopt no_beep no_list_beep"
say "autoload -Uz compinit && compinit -u -d ~/.zcompdump; source ${(q)1}"
# Asked for matches as an array (-O, -A, -D), it is not offering them.
say 'compadd() {
  if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    local -a offered; builtin compadd -A offered "$@"
    local index=$(( ${@[(i)-P]} + 1 )) prefix= one
    (( index <= $# )) && prefix=${@[index]}
    for one in $offered; do print -r -- "offer: $IPREFIX$prefix$one"; done
  fi
  builtin compadd "$@"
}'
say 'finish() { zle kill-whole-line; print "the"" end" }; zle -N finish; bindkey "^F" finish; bindkey "^I" complete-word'
# Quoted so that the echo of what is typed is not taken for the answer.
say 'print rea""dy'
zpty -r shell answer '*ready*'
zpty -w -n shell "$2"$'\t\x06'
zpty -r shell answer '*the end*'
print -r -- "$answer" | tr -d '\r' | sed -n 's/.*offer: //p' | sort -u
zpty -d shell
