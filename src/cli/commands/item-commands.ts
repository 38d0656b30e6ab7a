// Commands about one file or one batch of a run.
import { Argument } from "commander";
import { UsageFault } from "../faults.ts";
import { choiceFlag, flag, listFlag, noteFlag, REPLAY, YES, type Group } from "../program/commands.ts";
import { dateOf, sendCommand } from "./send-command.ts";
import { given, rayValue } from "./run-fields.ts";
import { itemNumber } from "./verb-commands.ts";

interface ItemOptions {
  note?: string;
  replay?: boolean;
  yes?: boolean;
}

interface FileRetryOptions extends ItemOptions {
  allowDuplicates?: boolean;
  topLevelRay?: string[];
  onCorrupt?: string;
  liveWaiting?: string;
}

const NEEDED_NOTE = noteFlag("the reason, kept in the audit trail; needed").makeOptionMandatory();

export function addItemCommands(group: Group): void {
  addFileCommands(group.group("file", "decide about one file of a run"));
  addBatchCommands(group.group("batch", "decide about one batch of a run"));
}

function addFileCommands(files: Group): void {
  files.add<FileRetryOptions>({
    usage: "retry <RUN> <N>",
    summary: "parse a file again",
    options: [
      flag("--allow-duplicates", "even if the object lacks a batch that was sent"),
      listFlag(
        "--top-level-ray <VALUE>",
        "a ParentRayID that means top level in this file; null for none; repeatable",
      ),
      choiceFlag("--on-corrupt <WHAT>", "what follows when the file is cut short", ["fail", "salvage"]),
      choiceFlag("--live-waiting <WHAT>", "what to do with batches of the live worker without an answer", [
        "hold",
        "send",
      ]),
      REPLAY,
      noteFlag(),
      YES,
    ],
    examples: [
      "logpush-backfill file retry active 3",
      'logpush-backfill file retry active 3 --on-corrupt salvage --note "the object is cut short"',
    ],
    routes: ["POST /runs/:id/files/:file/retry"],
    action: async (session, options, [run = "", n = ""]) => {
      const file = itemNumber("file", n);
      const id = await session.run(run);
      const mayRepeat = options.allowDuplicates === true || options.replay === true;
      return sendCommand(session, id, {
        path: `/files/${file}/retry`,
        body: given({
          allow_duplicates: options.allowDuplicates,
          top_level_parent_ray_ids: options.topLevelRay?.map(rayValue),
          on_corrupt: options.onCorrupt,
          live_waiting: options.liveWaiting,
          replay: options.replay,
          note: options.note,
        }),
        ...(mayRepeat && { question: "Lines of this file may arrive twice. Go on?", word: dateOf(id) }),
        isSure: options.yes,
      });
    },
  });

  files.add<ItemOptions & { send?: boolean; discard?: boolean }>({
    usage: "accept <RUN> <N>",
    summary: "settle a file as it is; its unsent lines are never sent",
    options: [
      flag("--send", "send the lines that a suspicious file kept").conflicts("discard"),
      flag("--discard", "discard the lines that a suspicious file kept"),
      REPLAY,
      NEEDED_NOTE,
      YES,
    ],
    examples: ['logpush-backfill file accept active 3 --note "partner has these lines" --yes'],
    routes: ["POST /runs/:id/files/:file/accept"],
    action: async (session, { send, discard, replay, note, yes }, [run = "", n = ""]) => {
      const file = itemNumber("file", n);
      return sendCommand(session, await session.run(run), {
        path: `/files/${file}/accept`,
        body: given({ send: send ?? (discard ? false : undefined), replay, note }),
        question: `Settle file ${file} as it is? This counts as an exception and cannot be undone.`,
        isSure: yes,
      });
    },
  });
}

function addBatchCommands(batches: Group): void {
  batches.add<ItemOptions>({
    usage: "retry <RUN> <B>",
    summary: "send a batch again",
    options: [REPLAY, noteFlag(), YES],
    examples: ["logpush-backfill batch retry active 17 --yes"],
    routes: ["POST /runs/:id/batches/:batch/retry"],
    action: async (session, { replay, note, yes }, [run = "", b = ""]) => {
      const batch = itemNumber("batch", b);
      const id = await session.run(run);
      return sendCommand(session, id, {
        path: `/batches/${batch}/retry`,
        body: given({ replay, note }),
        question: `Lines of batch ${batch} may arrive twice. Send it again?`,
        ...(replay && { word: dateOf(id) }),
        isSure: yes,
      });
    },
  });

  const resolve = batches.add<ItemOptions>({
    usage: "resolve <RUN> <B>",
    summary: "settle a batch by hand, or send it again",
    options: [REPLAY, noteFlag("the reason, kept in the audit trail; needed for delivered and discard"), YES],
    examples: ['logpush-backfill batch resolve active 17 delivered --note "partner confirmed" --yes'],
    routes: ["POST /runs/:id/batches/:batch/resolve"],
    action: async (session, { replay, note, yes }, [run = "", b = "", outcome = ""]) => {
      const batch = itemNumber("batch", b);
      if (outcome !== "resend" && note === undefined)
        throw new UsageFault(`${outcome} needs --note with the reason`);
      return sendCommand(session, await session.run(run), {
        path: `/batches/${batch}/resolve`,
        body: given({ outcome, replay, note }),
        question: QUESTIONS[outcome] ?? "Go on?",
        isSure: yes,
      });
    },
  });
  resolve.addArgument(new Argument("<OUTCOME>", "what became of it").choices(Object.keys(QUESTIONS)));
}

const QUESTIONS: Readonly<Record<string, string>> = {
  delivered: "Settle the batch as delivered? This counts as an exception and cannot be undone.",
  discard: "Discard the batch? Its lines are never sent, and this cannot be undone.",
  resend: "Lines of the batch may arrive twice. Send it again?",
};
