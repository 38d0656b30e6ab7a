// Writes the completion scripts for bash and zsh. A script finds the command in the typed words, and offers the words
// that may follow. Does no I/O.
import type { CompletionTree } from "./tree.ts";

const NAME = "logpush-backfill";
/** The shell command that lists the ids for an argument RUN. Its time limit is short, because the person waits for
 * the completion. */
const RUNS = `${NAME} runs --ids --no-input --quiet --timeout 2s 2>/dev/null`;

export const SHELLS: Readonly<Record<string, (tree: CompletionTree) => string>> = { bash, zsh, fish };

type Branch = readonly [pattern: string, action: string];

/** Branches of a `case`. bash and zsh write them in the same way. */
function branches(pairs: readonly Branch[]): string {
  return pairs.map(([pattern, action]) => `    ${pattern}) ${action} ;;`).join("\n");
}

/** One pattern such as "queue|add" for each command: the path of its parent command, and its own word. */
function steps({ places }: CompletionTree): string[] {
  return places
    .filter(({ path }) => path !== "")
    .map(({ path }) => {
      const names = path.split(" ");
      return `"${names.slice(0, -1).join(" ")}|${names.at(-1)}"`;
    });
}

function runPlaces({ places }: CompletionTree): string[] {
  return places.flatMap(({ takesRun, path }) => (takesRun ? [`"${path}"`] : []));
}

function bash(tree: CompletionTree): string {
  const { places, choices } = tree;
  const ofFlags = choices.map(({ flag, values }): Branch => {
    return [flag, `COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$cur")); return`];
  });
  const ofPlaces = places.map(({ path, words }): Branch => [`"${path}"`, `words="${words.join(" ")}"`]);
  return `# bash completion of ${NAME}: eval "$(${NAME} completion bash)"
_logpush_backfill() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" place="" words="" i
  case "$prev" in
${branches(ofFlags)}
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place|\${COMP_WORDS[i]}" in
      ${steps(tree).join(" | ")}) place="\${place:+$place }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$place" in
${branches(ofPlaces)}
  esac
  case "$place" in
    ${runPlaces(tree).join(" | ")}) [[ "$cur" == -* ]] || words="$words active $(${RUNS})" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _logpush_backfill ${NAME}
`;
}

function zsh(tree: CompletionTree): string {
  const { places, choices } = tree;
  const ofFlags = choices.map(({ flag, values }): Branch => [flag, `compadd -- ${values.join(" ")}; return`]);
  const ofPlaces = places.map(({ path, words }): Branch => [`"${path}"`, `offered=(${words.join(" ")})`]);
  return `#compdef ${NAME}
# zsh completion of ${NAME}: put this file into a directory of $fpath, as _${NAME}
_logpush_backfill() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" place="" word
  local -a offered
  case "$prev" in
${branches(ofFlags)}
  esac
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$place|$word" in
      ${steps(tree).join(" | ")}) place="\${place:+$place }$word" ;;
    esac
  done
  case "$place" in
${branches(ofPlaces)}
  esac
  case "$place" in
    ${runPlaces(tree).join(" | ")}) [[ "$cur" == -* ]] || offered+=(active \${(f)"$(${RUNS})"}) ;;
  esac
  compadd -- $offered
  _files
}
if [ "$funcstack[1]" = "_${NAME}" ]; then _logpush_backfill; else compdef _logpush_backfill ${NAME}; fi
`;
}

function fish(tree: CompletionTree): string {
  const { places, choices } = tree;
  const complete = (path: string, words: string) =>
    `complete -c ${NAME} -n 'test (__logpush_backfill_place) = "${path}"' -a '${words}'`;
  return `# fish completion of ${NAME}
function __logpush_backfill_place
  set -l place ""
  for word in (commandline -opc)[2..-1]
    switch "$place|$word"
      case ${steps(tree).join(" ")}
        set place (string trim "$place $word")
    end
  end
  echo "$place"
end
${places.map(({ path, words }) => complete(path, words.join(" "))).join("\n")}
${places.flatMap(({ path, takesRun }) => (takesRun ? [complete(path, `active (${RUNS})`)] : [])).join("\n")}
${choices.map(({ flag, values }) => `complete -c ${NAME} -l ${flag.slice(2)} -x -a '${values.join(" ")}'`).join("\n")}
`;
}
