// Reads the secret RECEIVERS: more receivers of one deployment, by name. A fault names a place by its JSON pointer. It
// repeats no text of the secret except the name of a receiver, which run ids show anyway. Does no I/O.
import * as v from "valibot";
import { jsonOf } from "../contract/json-text.ts";
import { FIRST_RECEIVER, isReceiverName } from "../contract/receivers.ts";
import { ctyunReceiver } from "../receivers/ctyun.ts";
import { faultText } from "../receivers/fault-text.ts";
import { readHttpSettings } from "../receivers/http-settings.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { EXPECTED_ENDPOINT, EXPECTED_URI, endpointOf, keyOf, uriOf } from "../receivers/receiver-url.ts";
import { BATCH_SIZE_RANGE, CAP_RANGE } from "./ranges.ts";

export interface NamedReceiver {
  /** Contains secrets, so it is never logged, stored or shown. */
  receiver: Receiver;
  /** Replaces MAX_LINES_PER_SECOND for runs of this receiver. Null: the var applies. */
  maxLinesPerSecond: number | null;
  /** Replaces BATCH_SIZE for runs of this receiver. Null: the var applies. */
  batchSize: number | null;
}
export type NamedReceivers = ReadonlyMap<string, NamedReceiver>;

/** The most receivers of RECEIVERS. Each receiver has a registry of its own, and a list of runs asks all
 * registries. */
export const MAX_NAMED = 8;

const EXPECTED = `expected a JSON object of at most ${MAX_NAMED} receivers, each name once, such as {"copy": {"url": "https://…"}}`;
const EXPECTED_NAME = `expected a name of 1 to 24 lower-case letters, digits and '-' that begins with a letter and is not ${FIRST_RECEIVER}`;
const EXPECTED_RECEIVER = "expected a JSON object";
const UNKNOWN = "expected no other member";
const KIND = "expected ctyun or http";
const KEY = "expected the private key";

const wholeNumber = ({ min, max }: { min: number; max: number }) => {
  const expected = `expected a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
};

/** The members that each kind takes in addition to its own. */
const Shared = v.object({
  kind: v.optional(v.picklist(["ctyun", "http"], KIND), "http"),
  max_lines_per_second: v.optional(wholeNumber(CAP_RANGE)),
  batch_size: v.optional(wholeNumber(BATCH_SIZE_RANGE)),
});

const Ctyun = v.strictObject(
  {
    endpoint: v.pipe(
      v.string(EXPECTED_ENDPOINT),
      v.check((text) => endpointOf(text) !== null, EXPECTED_ENDPOINT),
    ),
    uri: v.pipe(
      v.string(EXPECTED_URI),
      v.check((text) => uriOf(text) !== null, EXPECTED_URI),
    ),
    private_key: v.pipe(
      v.string(KEY),
      v.check((text) => keyOf(text) !== "", KEY),
    ),
  },
  UNKNOWN,
);
const CTYUN_MEMBERS = new Set([...Object.keys(Ctyun.entries), ...Object.keys(Shared.entries)]);

export type NamedRead = { ok: true; receivers: NamedReceivers } | { ok: false; faults: string[] };

export function readNamedReceivers(text: string): NamedRead {
  const json = objectOf(text);
  const entries = json === null ? [] : Object.entries(json);
  if (json === null || entries.length > MAX_NAMED) return { ok: false, faults: [EXPECTED] };
  const receivers = new Map<string, NamedReceiver>();
  const faults: string[] = [];
  for (const [name, value] of entries) {
    const read = readOne(name, value);
    if (read.ok) receivers.set(name, read.receiver);
    else faults.push(...read.faults);
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, receivers };
}

type OneRead = { ok: true; receiver: NamedReceiver } | { ok: false; faults: string[] };

function readOne(name: string, value: unknown): OneRead {
  if (!isReceiverName(name)) return { ok: false, faults: [`/*: ${EXPECTED_NAME}`] };
  const no = (faults: readonly string[]): OneRead => ({
    ok: false,
    faults: [...new Set(faults)].map((fault) => `/${name}${fault.startsWith("/:") ? fault.slice(1) : fault}`),
  });
  if (!isObject(value)) return no([`: ${EXPECTED_RECEIVER}`]);
  const shared = v.safeParse(Shared, value);
  const { kind: _kind, max_lines_per_second: _cap, batch_size: _size, ...own } = value;
  const faults = shared.success ? [] : shared.issues.map(faultOf);
  const read = value["kind"] === "ctyun" ? readCtyun(own) : readHttpSettings(own);
  if (!shared.success || !read.ok) return no([...faults, ...(read.ok ? [] : read.faults)]);
  const { max_lines_per_second: cap = null, batch_size: size = null } = shared.output;
  if (size !== null && cap !== null && size > cap)
    return no(["/batch_size: expected at most max_lines_per_second"]);
  return { ok: true, receiver: { receiver: read.receiver, maxLinesPerSecond: cap, batchSize: size } };
}

function readCtyun(own: object): { ok: true; receiver: Receiver } | { ok: false; faults: string[] } {
  const parsed = v.safeParse(Ctyun, own);
  if (!parsed.success) return { ok: false, faults: parsed.issues.map(faultOf) };
  const { endpoint, uri, private_key: key } = parsed.output;
  return { ok: true, receiver: ctyunReceiver(endpoint, uri, key) };
}

function faultOf(issue: v.BaseIssue<unknown>): string {
  const key = issue.path?.[0]?.key;
  const place = typeof key === "string" && CTYUN_MEMBERS.has(key) ? key : "*";
  return `/${place}: ${faultText(issue)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Null: the text is not a JSON object, or has a member twice. */
function objectOf(text: string): Record<string, unknown> | null {
  const json = jsonOf(text);
  return isObject(json) ? json : null;
}
