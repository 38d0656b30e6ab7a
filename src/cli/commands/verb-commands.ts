// Commands that change a whole run, such as `pause` and `abort`.
import { EXIT } from "../exit-codes.ts";
import { UsageFault } from "../faults.ts";
import { flag, listFlag, noteFlag, REPLAY, wholeNumber, YES, type Group } from "../program/commands.ts";
import { dateOf, sendCommand } from "./send-command.ts";
import { given } from "./run-fields.ts";
import { watchRun } from "./watch.ts";

interface VerbOptions {
  note?: string;
  replay?: boolean;
  yes?: boolean;
  watch?: boolean;
}

const WATCH = flag("--watch", "then follow the run");
const DECISIONS = ["success", "refused", "resend"];

export function addVerbCommands(group: Group): void {
  group.add<VerbOptions & { park?: boolean }>({
    usage: "pause <RUN>",
    summary: "stop sending; open POSTs end normally",
    options: [flag("--park", "also release the slot, so that another run may send"), noteFlag()],
    examples: ["logpush-backfill pause active", 'logpush-backfill pause active --park --note "partner asks"'],
    routes: ["POST /runs/:id/pause"],
    action: async (session, { park, note }, [run = ""]) =>
      sendCommand(session, await session.run(run), { path: "/pause", body: given({ park, note }) }),
  });

  group.add<VerbOptions & { acceptReceiver?: boolean; answers?: string[] }>({
    usage: "resume <RUN>",
    summary: "end a pause or a canary, or decide about unusual answers",
    options: [
      flag("--accept-receiver", "go on with the changed settings of the receiver"),
      listFlag(
        "--answers <DECISION>",
        "success, refused or resend for all kinds, or KIND=DECISION; repeatable",
      ),
      noteFlag(),
      WATCH,
      YES,
    ],
    examples: [
      "logpush-backfill resume active --watch",
      'logpush-backfill resume active --answers k1=refused --note "partner says so" --yes',
    ],
    routes: ["POST /runs/:id/resume"],
    action: async (session, options, [run = ""]) => {
      const { acceptReceiver, note } = options;
      const answers = options.answers && decisionsOf(options.answers);
      const decides = acceptReceiver === true || answers !== undefined;
      return sendCommand(session, await session.run(run), {
        path: "/resume",
        body: given({ accept_receiver: acceptReceiver, answers, note }),
        ...(decides && { question: "This decision cannot be undone. Go on?" }),
        isSure: options.yes,
        watch: options.watch,
      });
    },
  });

  group.add<VerbOptions>({
    usage: "retry <RUN>",
    summary: "parse failed files again, and send refused and held batches again",
    options: [REPLAY, noteFlag(), WATCH, YES],
    examples: [
      "logpush-backfill retry active --yes --watch",
      'logpush-backfill retry 20260422T14 --note "partner is up"',
    ],
    routes: ["POST /runs/:id/retry"],
    action: async (session, { replay, note, yes, watch }, [run = ""]) => {
      const id = await session.run(run);
      return sendCommand(session, id, {
        path: "/retry",
        body: given({ replay, note }),
        question: "Lines of held batches may arrive twice. Send them again?",
        ...(replay && { word: dateOf(id) }),
        isSure: yes,
        watch,
      });
    },
  });

  group.add<VerbOptions>({
    usage: "late-take <RUN>",
    summary: "list the window again, and take in the files that came late",
    options: [REPLAY, noteFlag(), WATCH, YES],
    examples: ["logpush-backfill late-take 20260422T14 --watch"],
    routes: ["POST /runs/:id/late/take"],
    action: async (session, { replay, note, yes, watch }, [run = ""]) => {
      const id = await session.run(run);
      return sendCommand(session, id, {
        path: "/late/take",
        body: given({ replay, note }),
        ...(replay && { question: "Send lines AGAIN that another run sent?", word: dateOf(id) }),
        isSure: yes,
        watch,
      });
    },
  });

  group.add<VerbOptions & { force?: boolean }>({
    usage: "abort <RUN>",
    summary: "stop a run for good; a new run may continue it",
    options: [
      flag("--force", "cut open POSTs off, and list them as uncertain"),
      flag("--watch", "then wait until the run is aborted"),
      noteFlag(),
      YES,
    ],
    examples: [
      'logpush-backfill abort active --note "wrong window" --yes',
      "logpush-backfill abort 20260422T14 --force --yes",
    ],
    routes: ["DELETE /runs/:id"],
    action: async (session, { force, note, yes, watch }, [run = ""]) => {
      const id = await session.run(run);
      const cut = force ? " Open POSTs are cut off, and their lines may have arrived." : "";
      await sendCommand(session, id, {
        method: "DELETE",
        path: "",
        body: given({ force, note }),
        question: `Abort ${id}?${cut} An abort cannot be undone.`,
        word: dateOf(id),
        isSure: yes,
      });
      if (watch !== true) return EXIT.done;
      const exit = await watchRun(session, id, { until: "cleaned" });
      return exit === EXIT.aborted ? EXIT.done : exit;
    },
  });

  group.add<VerbOptions>({
    usage: "accept <RUN> <CODE...>",
    summary: "settle codes of a run that needs attention",
    options: [noteFlag("the reason, kept in the audit trail; needed").makeOptionMandatory(), YES],
    examples: ['logpush-backfill accept 20260422T14 empty_window --note "no traffic in this hour" --yes'],
    routes: ["POST /runs/:id/accept"],
    action: async (session, { note, yes }, [run = "", ...codes]) =>
      sendCommand(session, await session.run(run), {
        path: "/accept",
        body: { codes, note },
        question: `Accept ${codes.join(", ")}? This counts as an exception and cannot be undone.`,
        isSure: yes,
      }),
  });
}

type Decisions = string | Record<string, string>;

/** Reads one decision for all kinds of answers, or one for each kind. The API checks the names of the kinds. */
function decisionsOf(texts: readonly string[]): Decisions {
  const [only = ""] = texts;
  if (texts.length === 1 && DECISIONS.includes(only)) return only;
  const pairs = texts.map((text) => {
    const [, kind, decision = ""] = /^([^=]+)=(.*)$/.exec(text) ?? [];
    if (kind !== undefined && DECISIONS.includes(decision)) return [kind, decision] as const;
    throw new UsageFault(`--answers: expected ${DECISIONS.join(", ")}, or KIND=DECISION, not "${text}"`);
  });
  return Object.fromEntries(pairs);
}

const LISTS = { file: "files RUN", batch: "batches RUN", window: "queue list" } as const;

/** Reads the number of a file, batch or window.
 * @throws UsageFault. */
export function itemNumber(noun: keyof typeof LISTS, text: string): number {
  try {
    return wholeNumber(text, 1);
  } catch {
    throw new UsageFault(`"${text}" is no number of a ${noun}`, `logpush-backfill ${LISTS[noun]}`);
  }
}
