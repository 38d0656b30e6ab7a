// The oracle of the chaos runs must find every kind of broken promise. Otherwise a passing chaos run proves nothing.
// A seed must always give the same scenario, so that a failure can be replayed.
import { expect, test } from "vitest";
import { emptyTruth } from "../../local/generate/truth.ts";
import type { RequestLog } from "../../local/receiver/tally.ts";
import type { LedgerBatch, Status } from "../support/chaos-api.ts";
import { busiest, judge, type Evidence } from "../support/chaos-oracle.ts";
import { scenarioOf } from "../support/chaos-scenario.ts";

const RAYS = ["r1", "r2", "r3", "r4"];
const FILES = [{ ...emptyTruth("a"), lines: 4, kept: 4, kept_ray_ids: RAYS }];

function request(at: number, lines: number): RequestLog {
  const answer = { body_at: at, answered_at: at, status: 200, accepted: true, why: null };
  return { id: 1, headers_at: at, lines, ...answer };
}

function batch(number: number, change: Partial<LedgerBatch> = {}): LedgerBatch {
  const [first = "", last = ""] = RAYS.slice(number * 2 - 2, number * 2);
  return {
    kind: "batch",
    batch: number,
    file: 1,
    ordinal: number - 1,
    parent: null,
    state: "done",
    reason: null,
    lines: 2,
    first_ray_id: first,
    last_ray_id: last,
    attempts: 1,
    done_attempt: 1,
    exceptional_attempts: [],
    ...change,
  };
}

function status(change: Partial<Status> = {}): Status {
  return {
    id: "run",
    stage_code: "sent_waiting_cleanup",
    state_reason: null,
    summary: "",
    delivery_completed: true,
    exceptions: 0,
    files: { closed: 1 },
    batches: { done: 2, held: 0 },
    lines: { read: 4, kept: 4, malformed: 0, dropped: {} },
    leases_out: 0,
    log_lines_sent: 4,
    duplicate_lines: 0,
    possible_duplicate_lines: 0,
    answers: { check: "watching", unusual: 0 },
    verification: { under_way: false, last: { as_of: "now", differences: [] } },
    report: { complete: true },
    rate: {},
    problems: [],
    ...change,
  };
}

interface Case {
  rays?: string[];
  status?: Partial<Status>;
  batches?: LedgerBatch[];
  evidence?: Partial<Evidence>;
}

function findings({ rays = RAYS, status: said = {}, batches = [batch(1), batch(2)], evidence = {} }: Case) {
  const rayIds = new Map<string, number>();
  for (const ray of rays) rayIds.set(ray, (rayIds.get(ray) ?? 0) + 1);
  const lines = { read: 4, kept: 4, malformed: 0, dropped: {} };
  const row = { file: 1, key: "a", state: "closed", reason: null, lines };
  const ledger = {
    files: [{ kind: "file" as const, ...row, batches: { first: 1, count: 2, unsettled: 0 } }],
    batches,
  };
  return judge({
    files: FILES,
    rayIds,
    requests: [request(0, 2), request(600, 2)],
    violations: {},
    accounts: [{ status: status(said), ledger, isContinuation: false, settledByHand: 0 }],
    caps: [{ from: 0, to: Infinity, lines: 4 }],
    requestsCap: null,
    transportMs: 0,
    maxInFlight: 1,
    mostInFlight: 1,
    isHeldAndAsked: false,
    hasLied: false,
    quiet: [],
    fullRate: [],
    late: [],
    ...evidence,
  });
}

const linesOf = ({ lines }: RequestLog) => lines;
const UNCERTAIN = { attempt: 1, state: "uncertain", cause: "lost", followed_by: 2 };

test("finds nothing when the accounts agree and each repeat is named", () => {
  expect(findings({})).toEqual([]);
  const named = [batch(1, { exceptional_attempts: [UNCERTAIN] }), batch(2)];
  const again = { rays: [...RAYS, "r1", "r2"], status: { possible_duplicate_lines: 2 } };
  expect(findings({ ...again, batches: named })).toEqual([]);
});

test.each<[string, Case, string]>([
  ["a lost line", { rays: ["r1", "r2", "r3"] }, "1 lines LOST: r4"],
  ["a line from nowhere", { rays: [...RAYS, "x"] }, "never in the logs: x"],
  ["a repeat that no sum names", { rays: [...RAYS, "r1"] }, "1 lines came again, 0 + 0 are named"],
  [
    "a repeat in another batch than the one that is named",
    {
      rays: [...RAYS, "r3"],
      status: { possible_duplicate_lines: 2 },
      batches: [batch(1, { exceptional_attempts: [UNCERTAIN] }), batch(2)],
    },
    "came again more often than their batches' attempts say: r3",
  ],
  ["a claimed repeat that never came", { status: { duplicate_lines: 2 } }, "only 0 came again"],
  ["a sum that is not the rows'", { status: { log_lines_sent: 5 } }, "log_lines_sent is 5, by the rows 4"],
  ["a recount that differs", { status: { verification: verified([{}]) } }, "verify differs"],
  ["a batch of other lines", { batches: [batch(1), batch(2, { lines: 3 })] }, "batch 2 says 3 lines"],
  ["a batch twice in the ledger", { batches: [batch(1), batch(1)] }, "hold 2 lines of 4"],
  ["a run that is not delivered", { status: { delivery_completed: false } }, "is not delivered"],
  ["a file that was overlooked", { status: { files: { closed: 0 } } }, "0 files read of 1"],
  ["an exception without a decision", { status: { exceptions: 1 } }, "exceptions is 1, by the rows 0"],
  [
    "a second above its cap",
    { evidence: { caps: [{ from: 0, to: Infinity, lines: 3 }] } },
    "4 lines within one second, the cap is 3",
  ],
  ["requests above their cap", { evidence: { requestsCap: 1 } }, "2 requests within one second"],
  ["more at once than allowed", { evidence: { mostInFlight: 2 } }, "2 POSTs at once, allowed are 1"],
  [
    "a request into a silence",
    { evidence: { quiet: [{ from: 500, to: 700, why: "arrived after `aborted`" }] } },
    "1 requests arrived after `aborted`; the first 100 ms into it",
  ],
  [
    "a receiver that is back, and a run that is not",
    { evidence: { fullRate: [{ from: 100, to: 900, lines: 3 }] } },
    "2 lines at most in a second, expected 3",
  ],
  ["a request not as agreed", { evidence: { violations: { signature: 1 } } }, "not as agreed: signature"],
  [
    "a repeat though every doubt was asked about",
    { rays: [...RAYS, "r1"], evidence: { isHeldAndAsked: true } },
    "1 lines came again though nothing was sent twice",
  ],
])("finds %s", (_, broken, expected) => {
  expect(findings(broken).join("\n")).toContain(expected);
});

function verified(differences: unknown[]) {
  return { under_way: false, last: { as_of: "now", differences } };
}

test("skips only the second in which the receiver's clock stood still", () => {
  const requests = [request(0, 2), request(900, 2), request(5_000, 3)];
  expect(busiest(1_000, requests, [], linesOf)).toBe(4);
  expect(busiest(1_000, requests, [{ from: 300, to: 800 }], linesOf)).toBe(3);
});

test("derives a scenario from its seed and index alone", () => {
  expect(scenarioOf(7, 3)).toEqual(scenarioOf(7, 3));
  expect(scenarioOf(7, 3)).not.toEqual(scenarioOf(7, 4));
  expect(scenarioOf(7, 3)).not.toEqual(scenarioOf(8, 3));
});

test("covers every fault and every command in the first hundred scenarios of a seed", () => {
  const steps = Array.from({ length: 100 }, (_, index) => scenarioOf(1, index)).flatMap(
    ({ steps: all }) => all,
  );
  expect([...new Set(steps.map((step) => step.do))].sort()).toEqual([
    "abort",
    "fault",
    "freeze",
    "kill",
    "patch",
    "pause",
    "refuse",
    "switch_off",
    "verify",
    "wrong_uri",
  ]);
  const faults = steps.flatMap((step) => (step.do === "fault" ? [step.fault.name] : []));
  expect(new Set(faults).size).toBe(18);
});
