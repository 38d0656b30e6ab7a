// Makes claims, reports and list requests like senders and operators, and measures how long each call took. Uses only
// the run's public interface.
import type { BackfillRunApi } from "../../src/contract/run.ts";
import type { SendReport } from "../../src/contract/sending.ts";

export interface Driven {
  /** How long every call took, in ms, by kind of call. */
  call: number[];
  status: number[];
  listing: number[];
  /** The total time of all claims and reports, in ms. */
  wallMs: number;
}

interface Load {
  transitions: number;
  lanes: number;
  /** The endpoint and URI, as a send report contains them. */
  receiver: string;
  /** How many files and batches the run has. The cursor of a list request points to a random one. */
  files: number;
  batches: number;
  /** False: only claims and reports are made. */
  views: boolean;
}

/** The status and a page of each list are read once per this many claims and reports. */
const VIEW_EVERY = 100;
const PAGE = 100;
/** How many senders work at once. Each joins the claims and reports of its loops into one call. */
const SENDERS = 2;

export async function drive(run: BackfillRunApi, load: Load): Promise<Driven> {
  const driven: Driven = { call: [], status: [], listing: [], wallMs: 0 };
  const began = performance.now();
  let left = load.transitions;
  const sender = async (name: string): Promise<void> => {
    let reports: SendReport[] = [];
    while (left > 0) {
      const answer = await timed(driven.call, () => run.next(name, reports, load.lanes));
      if (answer.kind !== "grants")
        throw new Error(`no send permit was given: ${answer.kind} ${answer.reason}`);
      reports = answer.grants.map((permit) => delivered(permit, load.receiver));
      const before = left;
      left -= reports.length;
      const isDue = Math.floor(before / VIEW_EVERY) !== Math.floor(left / VIEW_EVERY);
      if (load.views && isDue) await look(run, load, left, driven);
    }
    await run.done(name, reports);
  };
  await Promise.all(Array.from({ length: SENDERS }, (_, n) => sender(`scale${n}.0`)));
  driven.wallMs = performance.now() - began;
  return driven;
}

async function look(run: BackfillRunApi, load: Load, turn: number, driven: Driven): Promise<void> {
  const share = Math.max(0, turn) / load.transitions;
  const at = (numbers: number): string => String(Math.floor(share * numbers));
  await timed(driven.status, () => run.status());
  const pages = [
    () => run.listFiles({ states: [], cursor: at(load.files), limit: PAGE }),
    () => run.listFiles({ states: ["open", "closed"], cursor: at(load.files), limit: PAGE }),
    () => run.listBatches({ states: [], cursor: at(load.batches), limit: PAGE }),
    // No batch is refused. So this request examines as many rows as one page may.
    () => run.listBatches({ states: ["refused"], cursor: at(load.batches), limit: PAGE }),
  ];
  for (const page of pages) {
    const answer = await timed<{ ok: boolean }>(driven.listing, page);
    if (!answer.ok) throw new Error("a page was refused");
  }
}

function delivered(permit: { batch: number; attempt: number }, receiver: string): SendReport {
  const now = Date.now();
  return {
    batch: permit.batch,
    attempt: permit.attempt,
    outcome: { kind: "answer", status: 200, bodyStart: "OK", bodyMatches: null, retryAfterMs: null },
    startedAt: now,
    endedAt: now,
    ackMs: 20,
    bodyReadyMs: 10,
    lateMs: 1,
    receiver,
  };
}

async function timed<T>(into: number[], call: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await call();
  into.push(performance.now() - began);
  return result;
}
