// For a run with continue_of: takes over the ledger of the aborted run, page by page, before any file is parsed.
// So the run sends only what the aborted run did not deliver. Two batches are the same when the keys of their raw
// log objects and their digests are equal.
import type { InheritCursor, InheritedBatch, InheritedPage } from "../../../src/contract/run.ts";
import { record } from "../batches/attempt-records.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import type { ManifestEntry } from "../../../src/contract/parsing.ts";
import { INHERITED_DELIVERED, INHERITED_UNCERTAIN, because } from "../ledger/reasons.ts";

/** The run whose ledger is read, and the position in it. */
interface Cursor {
  run: string;
  after: InheritCursor;
}

/** Stores one page. `run` is the run that returned the page. */
export function takeInherited(context: RunContext, run: string, page: InheritedPage): void {
  context.store.transaction(() => {
    context.store.inherited.add(page.batches);
    if (page.choices && page.choices.length > 0) context.store.inherited.addChoices(page.choices);
    if (page.live && page.live.length > 0) context.store.live.addInherited(page.live);
    const cursor: Cursor | null = page.next === null ? null : { run: page.from ?? run, after: page.next };
    const inherit_json = cursor && JSON.stringify(cursor);
    const { receiver } = page;
    // The new run must send to the same receiver as the aborted run, unless an operator accepts another receiver.
    const frozen = receiver ? { receiver_key: receiver.key, receiver_print: receiver.print } : {};
    context.store.run.update({ inherit_json, ...frozen });
  });
}

/** How far this run has copied the batches of the run that it continues. Null: it continues no other run. */
export function inheritCursor(run: StartedRun): Cursor | null {
  const { continueOf } = run.spec;
  if (continueOf === null) return null;
  return { run: continueOf, after: 0, ...(JSON.parse(run.row.inherit_json ?? "{}") as Partial<Cursor>) };
}

/** Matches inherited batches to new batches by digest. Also counts the inherited batches that the R2 object no
 * longer contains. */
function matchInherited(context: RunContext, key: string, entries: ManifestEntry[]) {
  const byDigest = new Map<string, number[]>();
  for (const { digest, ordinal } of entries) byDigest.set(digest, [...(byDigest.get(digest) ?? []), ordinal]);
  const matched: { ordinal: number; state: InheritedBatch["state"] }[] = [];
  let missed = 0;
  for (const { digest, state } of context.store.inherited.of(key)) {
    const ordinal = byDigest.get(digest)?.shift();
    if (ordinal === undefined) missed += 1;
    else matched.push({ ordinal, state });
  }
  return { matched, missed };
}

export function missedByInheritance(context: RunContext, key: string, entries: ManifestEntry[]): number {
  return matchInherited(context, key, entries).missed;
}

/** Settles the new batches of a file, numbered from `first`, that the earlier run settled. */
export function settleInherited(
  context: RunContext,
  run: StartedRun,
  key: string,
  first: number,
  entries: ManifestEntry[],
): void {
  const { continueOf, resendInherited } = run.spec;
  if (continueOf === null) return;
  const { batches } = context.store;
  for (const { ordinal, state } of matchInherited(context, key, entries).matched) {
    const batch = batches.get(first + ordinal);
    if (!batch) throw new Error(`batch ${first + ordinal} is missing`);
    if (state === "done") {
      batches.move(batch, "discarded", because(INHERITED_DELIVERED, continueOf));
      continue;
    }
    record(context, batch, 0, {
      state: "uncertain",
      cause: "inherited",
      detail: `uncertain in ${continueOf}`,
    });
    // Lines that are known to be delivered are never sent again without a decision about this batch.
    if (resendInherited && state !== "partly") continue;
    const why = because(INHERITED_UNCERTAIN, continueOf);
    batches.move(batch, "held", { set_aside_at: context.now, ...why });
  }
}
