// Finds the run of the argument RUN: by its id, by the beginning of its id, or by the word "active".
import type { RunItem } from "../../contract/api/api-types.ts";
import { FailedFault, UsageFault } from "../faults.ts";
import type { Api } from "./api.ts";
import { allOf } from "./pages.ts";

/** The name of a receiver may follow the three instants. */
const RUN_ID = /^\d{8}T\d{6}Z_\d{8}T\d{6}Z_\d{8}T\d{6}Z(_[a-z][a-z0-9-]{0,23})?$/;
/** The shortest beginning of an id that names a run: the length of a date. A shorter beginning would soon fit
 * several runs. */
const SHORTEST_PREFIX = 8;
/** Stages in which a run may own the slot, that is, the right to send to the receiver. */
const UNFINISHED = "scanning_and_queueing,sending,paused,suspended,needs_attention,aborting";
const SHOWN = 10;

type Named = { ok: true; id: string } | { ok: false; detail: string };

/** @throws UsageFault when the text has a wrong form, and FailedFault when it does not name exactly one run. */
export async function runIdOf(api: Api, text: string): Promise<string> {
  if (RUN_ID.test(text)) return text;
  if (text === "active") {
    const runs = await allOf<RunItem>(api, "/runs", { stage: UNFINISHED });
    const named = onlyActive(runs.filter((run) => run.active).map(({ id }) => id));
    if (named.ok) return named.id;
    throw new FailedFault(named.detail, "logpush-backfill runs");
  }
  if (!isPrefix(text)) {
    throw new UsageFault(
      `"${text}" names no run: expected an id, its first ${SHORTEST_PREFIX} characters or more, or active`,
    );
  }
  const named = byPrefix(
    (await allOf<RunItem>(api, "/runs")).map(({ id }) => id),
    text,
  );
  if (named.ok) return named.id;
  throw new FailedFault(named.detail, "logpush-backfill runs");
}

export function isPrefix(text: string): boolean {
  return text.length >= SHORTEST_PREFIX && /^[\dTZ_]+([a-z][a-z0-9-]*)?$/.test(text);
}

/** Finds the run that `active` means. Each receiver may have one active run, and a command must not guess which one
 * is meant. */
export function onlyActive(active: readonly string[]): Named {
  const [only] = active;
  if (only === undefined) return { ok: false, detail: "no run is active" };
  if (active.length === 1) return { ok: true, id: only };
  const shown = active.map((id) => `  ${id}`);
  return { ok: false, detail: [`${active.length} runs are active; name one:`, ...shown].join("\n") };
}

export function byPrefix(ids: readonly string[], prefix: string): Named {
  const found = ids.filter((id) => id.startsWith(prefix));
  const [only] = found;
  if (only === undefined) return { ok: false, detail: `no run begins with ${prefix}` };
  if (found.length === 1) return { ok: true, id: only };
  const shown = found.slice(0, SHOWN).map((id) => `  ${id}`);
  const rest = found.length > SHOWN ? [`  and ${found.length - SHOWN} more`] : [];
  return { ok: false, detail: [`${found.length} runs begin with ${prefix}:`, ...shown, ...rest].join("\n") };
}
