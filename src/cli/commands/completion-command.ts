// `completion`: prints the completion script for a shell.
import { SHELLS } from "../completion/scripts.ts";
import { completionTree } from "../completion/tree.ts";
import { UsageFault } from "../faults.ts";
import type { Group } from "../program/commands.ts";

export function addCompletionCommand(group: Group): void {
  const completion = group.add({
    usage: "completion",
    summary: "print the completion script of a shell",
    examples: [
      'eval "$(logpush-backfill completion bash)"',
      "logpush-backfill completion zsh > ~/.zfunc/_logpush-backfill",
      "logpush-backfill completion fish > ~/.config/fish/completions/logpush-backfill.fish",
    ],
    routes: [],
    action: async (session, _options, [shell = ""]) => {
      const script = SHELLS[shell];
      if (script === undefined) throw new UsageFault(`there is no script for ${shell}`);
      session.io.out(script(completionTree(group.command)));
    },
  });
  completion.addArgument(completion.createArgument("<SHELL>").choices(Object.keys(SHELLS)));
}
