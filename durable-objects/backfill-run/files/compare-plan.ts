// Compares a run made from a plan with this plan. Copies the planned R2 objects page by page, checks that they give
// the plan's hash, and compares them with the listing. The run parses no file before the comparison is complete. A
// run that finds a difference ends without a POST.
import { addEvent } from "../context/audit-trail.ts";
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { planOf, type Differences, type PlanState, type SomeKeys } from "../context/plan-state.ts";
import type { ManifestEntry, ManifestPage } from "../../../src/contract/parsing.ts";
import type { PlannedAnswer } from "../../../src/contract/run.ts";
import { LIVE_DELIVERED_SINCE } from "../ledger/reasons.ts";
import { nextLink, plannedFileOf } from "./plan-chain.ts";

/** The most rows compared in one turn. */
const ROWS_PER_TURN = 2_000;
/** The most keys of each kind that the status lists. */
const NAMED_KEYS = 20;

const NONE: SomeKeys = { count: 0, keys: [] };
const NO_DIFFERENCE: Differences = { new: NONE, changed: NONE, missing: NONE };

/** Stores the page of planned R2 objects that follows `after`. Ignores a page that was stored before. */
export function takePlanned(
  context: RunContext,
  after: string,
  page: Extract<PlannedAnswer, { ok: true }>,
): void {
  const run = started(context);
  const state = run && planOf(run.row);
  if (!run || state?.kind !== "copying" || state.after !== after) return;
  const link = page.files.reduce(nextLink, state.link);
  const { store } = context;
  store.transaction(() => {
    store.planned.add(page.files);
    store.live.addInherited(page.live ?? []);
    if (page.next !== null) write(context, { kind: "copying", after: page.next, link });
    else if (link === run.spec.plan?.hash)
      write(context, { kind: "comparing", side: "planned", after: "", found: NO_DIFFERENCE });
    else outdated(context, run, NO_DIFFERENCE, "the objects that the dry run stored do not give this hash");
  });
}

/** Does one turn of the comparison with the listing. The listing is final. */
export function compareTurn(context: RunContext): void {
  const run = started(context);
  const state = run && planOf(run.row);
  if (!run || state?.kind !== "comparing") return;
  const { store } = context;
  store.transaction(() => {
    const { after, found } = state;
    if (state.side === "planned") {
      const rows = store.planned.besideListed(after, ROWS_PER_TURN);
      const gone = rows.filter((row) => row.found === null);
      const other = rows.filter((row) => row.found !== null && row.found !== row.etag);
      const differences = {
        ...found,
        missing: plus(found.missing, gone),
        changed: plus(found.changed, other),
      };
      const last = rows.length === ROWS_PER_TURN ? rows.at(-1) : undefined;
      const side = last ? "planned" : "listed";
      return write(context, { kind: "comparing", side, after: last?.key ?? "", found: differences });
    }
    const rows = store.planned.listedBeside(after, ROWS_PER_TURN);
    const differences = { ...found, new: plus(found.new, rows.filter((row) => row.planned === 0)) }; // prettier-ignore
    const last = rows.length === ROWS_PER_TURN ? rows.at(-1) : undefined;
    if (last) return write(context, { ...state, after: last.key, found: differences });
    const { new: added, changed, missing } = differences;
    if (added.count + changed.count + missing.count > 0)
      return outdated(context, run, differences, wordsOf(differences));
    write(context, { kind: "equal" });
    addEvent(context, "system", "plan_compared", { run: run.spec.plan?.run, hash: run.spec.plan?.hash });
  });
}

/** Why a file is not sent as planned. */
interface PlanDifference {
  code: "digest_mismatch" | typeof LIVE_DELIVERED_SINCE;
  detail: string;
}

/** How this manifest differs from the plan. Null: it does not differ, or the plan does not have this key. */
export function differsFromPlan(
  context: RunContext,
  run: StartedRun,
  key: string,
  { etag, live }: Pick<ManifestPage, "etag" | "live">,
  entries: ManifestEntry[],
): PlanDifference | null {
  if (!run.spec.plan) return null;
  const planned = context.store.planned.get(key);
  // A late file that an operator added to the run is not part of the plan.
  if (!planned) return null;
  if (planned.etag !== etag) return otherBatches("the object is not the planned one");
  const since = live?.doneSincePlan ?? 0;
  // The plan has lines that the live worker delivered in the meantime. Only a person may send them twice.
  if (since > 0 && entries.length > 0) {
    const detail = `the live worker delivered ${since} of its batches after the dry run`;
    return { code: LIVE_DELIVERED_SINCE, detail };
  }
  if (planned.parsed === 0)
    return entries.length === 0 ? null : otherBatches("it gave no batches in the dry run");
  const digests = entries.map(({ digest }) => digest);
  const isSame = plannedFileOf(key, etag, digests).sha256 === planned.sha256;
  return isSame ? null : otherBatches("its batches are not the planned ones");
}

function otherBatches(detail: string): PlanDifference {
  return { code: "digest_mismatch", detail };
}

function outdated(context: RunContext, run: StartedRun, found: Differences, why: string): void {
  write(context, { kind: "outdated", found, why });
  context.store.run.update({ abort_asked_at: run.row.abort_asked_at ?? context.now });
  const { new: added, changed, missing } = found;
  const counts = { new: added.count, changed: changed.count, missing: missing.count };
  addEvent(context, "system", "plan_outdated", { ...counts, detail: why });
}

function write(context: RunContext, state: PlanState): void {
  context.store.run.update({ plan_json: JSON.stringify(state) });
}

function plus({ count, keys }: SomeKeys, rows: { key: string }[]): SomeKeys {
  const more = rows.slice(0, Math.max(0, NAMED_KEYS - keys.length)).map(({ key }) => key);
  return { count: count + rows.length, keys: [...keys, ...more] };
}

function wordsOf(found: Differences): string {
  const words = (["new", "changed", "missing"] as const)
    .filter((kind) => found[kind].count > 0)
    .map((kind) => `${found[kind].count} ${kind}: ${found[kind].keys.slice(0, 3).join(", ")}`);
  return `objects differ from the plan; ${words.join("; ")}`;
}
