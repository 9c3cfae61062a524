# What zsh shows where somebody types words and the key that completes.
#
#     zsh -f complete.zsh FOLDER WORK WORDS
#
# FOLDER has the functions. The line that comes of it, and the list under it, go to standard output.
zmodload zsh/zpty
zpty inner "TERM=dumb HOME=$2 zsh -f -i"
zpty -w inner "stty columns 200 rows 60; PS1=; unsetopt zle_bracketed_paste 2>/dev/null; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -d $2/zcompdump; setopt list_ambiguous no_beep; LISTMAX=1000; zstyle ':completion:*' list-prompt ''; print READY\$((1 + 1))"
zpty -r inner answer '*READY2*'
zpty -n -w inner "$3"$'\t\t'
zpty -n -w inner $'\C-a\C-kprint DONE$((1 + 1))\n'
zpty -r inner answer '*DONE2*'
print -r -- "$answer"
zpty -d inner
