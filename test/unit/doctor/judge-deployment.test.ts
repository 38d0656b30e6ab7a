// Each outcome of each check of a deployment. The compiler demands a case for every outcome of the table.
import { describe, expect, it } from "vitest";
import { worstOf } from "../../../src/contract/doctor.ts";
import { DEPLOYMENT_CHECKS } from "../../../src/http/doctor/checks.ts";
import type { DeploymentFacts } from "../../../src/http/doctor/facts.ts";
import { judgeDeployment, judgeUnusable } from "../../../src/http/doctor/judge-deployment.ts";
import { sameAddresses, sharersOf } from "../../../src/http/same-addresses.ts";
import { readConfig } from "../../../src/platform/config.ts";
import { deploymentFacts, NOW, sampledFile } from "../../support/doctor-facts.ts";

type Checks = typeof DEPLOYMENT_CHECKS;
/** What changes the good facts. The detail must contain this text. */
type Case = [change: (facts: DeploymentFacts) => unknown, detail: string];
const UNCHANGED = () => {};
const SIEM = { name: "siem", head: { kind: "timeout" }, signed: null, isSignedAsked: false } as const;
const HEAD = (status: number) => ({ kind: "answer", status, dateMs: NOW }) as const;
const CASES: { [Check in keyof Checks]: { [Outcome in keyof Checks[Check]["outcomes"]]: Case } } = {
  vars: {
    usable: [UNCHANGED, "every value"],
    misspelt: [
      ({ settings }) => (settings.misspelt = [{ name: "LOG_PREFX", meant: "LOG_PREFIX" }]),
      "LOG_PREFIX",
    ],
    invalid: [
      ({ settings }) => (settings.faults = [{ name: "BATCH_SIZE", detail: "expected x" }]),
      "BATCH_SIZE",
    ],
  },
  kill_switch: {
    on: [UNCHANGED, "may send"],
    off: [({ settings }) => (settings.enabled = false), "suspended"],
  },
  secrets: {
    set: [UNCHANGED, "are set"],
    missing: [({ settings }) => (settings.missingSecrets = ["CTYUN_URI_EDGE"]), "CTYUN_URI_EDGE"],
  },
  auto_replay: {
    off: [({ settings }) => (settings.autoReplay = "off"), "is off"],
    watches: [UNCHANGED, "is queue"],
    other_receiver: [({ settings }) => (settings.receiverKind = "http"), "RECEIVER is set"],
  },
  callers: {
    named: [UNCHANGED, "with a name: 2"],
    shared: [({ settings }) => (settings.namedTokens = 0), "share API_TOKEN"],
  },
  access: {
    unused: [({ settings }) => (settings.accessKeys = null), "not set up"],
    reachable: [UNCHANGED, "were fetched"],
    unreachable: [({ settings }) => (settings.accessKeys = "unreachable"), "not fetched"],
  },
  channels: {
    usable: [UNCHANGED, "oncall"],
    none: [({ objects }) => (objects.channels.names = []), "no channel"],
    unusable: [
      ({ objects }) => (objects.channels.faults = [{ name: "entry 2", detail: "kind: x" }]),
      "entry 2",
    ],
  },
  objects: {
    answer: [UNCHANGED, "notifier answer"],
    silent: [({ objects }) => (objects.coverage = null), "no answer: coverage"],
  },
  queues: {
    moving: [UNCHANGED, "PARSE_QUEUE: 2"],
    unknown: [({ objects }) => (objects.queues = [{ binding: "SEND_QUEUE", backlog: null }]), "SEND_QUEUE"],
    stuck: [
      ({ objects }) =>
        (objects.queues = [{ binding: "SEND_QUEUE", backlog: { messages: 3, oldestAt: NOW - 1_200_000 } }]),
      "the oldest for 20 minutes",
    ],
  },
  bucket: {
    readable: [UNCHANGED, "was listed"],
    unreadable: [({ bucket }) => (bucket.listFailed = "Error: no bucket"), "no bucket"],
  },
  logs: {
    found: [UNCHANGED, "10 of 10"],
    some_unnamed: [({ bucket }) => Object.assign(bucket, { unnamedCount: 1, unnamed: ["logs/x"] }), "logs/x"],
    empty: [({ bucket }) => (bucket.keys = 0), '"logs/"'],
    unnamed: [({ bucket }) => Object.assign(bucket, { unnamedCount: 10, unnamed: ["logs/x"] }), "none of 10"],
  },
  records: {
    readable: [UNCHANGED, "200 records of 1 files"],
    some_malformed: [({ bucket }) => (bucket.samples = [sampledFile({ malformed: 3 })]), "3 lines"],
    unreadable: [
      ({ bucket }) => (bucket.samples = [sampledFile({ records: 0, forms: {}, unread: "not_gzip" })]),
      "not_gzip",
    ],
    not_looked_at: [({ bucket }) => (bucket.samples = []), "no file"],
  },
  timestamps: {
    one_form: [UNCHANGED, "nanoseconds 200"],
    several_forms: [
      ({ bucket }) => (bucket.samples = [sampledFile(), sampledFile({ forms: { rfc3339: 200 } })]),
      "rfc3339 200",
    ],
    far_from_names: [({ bucket }) => (bucket.samples = [sampledFile({ farRecords: 150 })]), "150 of 200"],
    unreadable: [
      ({ bucket }) => (bucket.samples = [sampledFile({ forms: { unreadable: 200 } })]),
      "none of 200",
    ],
    not_looked_at: [({ bucket }) => (bucket.samples = []), "no record"],
  },
  parent_ray_id: {
    usual: [UNCHANGED, "150 of 200"],
    other_zeros: [
      ({ bucket }) =>
        (bucket.samples = [
          sampledFile({ parents: { usual: 0, absent: 0, zeros: { "0000": 9 }, parents: 1 } }),
        ]),
      '["0000"]',
    ],
    absent: [
      ({ bucket }) =>
        (bucket.samples = [sampledFile({ parents: { usual: 0, absent: 200, zeros: {}, parents: 0 } })]),
      "200 of 200",
    ],
    none_top_level: [
      ({ bucket }) =>
        (bucket.samples = [sampledFile({ parents: { usual: 0, absent: 0, zeros: {}, parents: 200 } })]),
      "names a parent",
    ],
    not_looked_at: [({ bucket }) => (bucket.samples = []), "no record"],
  },
  live_markers: {
    seen: [UNCHANGED, '"processed/"'],
    none: [({ bucket }) => (bucket.hasMarkers = false), "no marker"],
    unreadable: [({ bucket }) => (bucket.hasMarkers = null), "not listed"],
  },
  live_batch_size: {
    fits: [UNCHANGED, "1000 fits 1 files"],
    no_markers: [({ bucket }) => (bucket.samples = [sampledFile({ maxMarker: null })]), "has a marker"],
    // 2,500 records with markers 0, 1 and 2: sizes from 900 to 1,200 give three batches.
    unset: [({ bucket }) => (bucket.liveBatchSize = null), "sizes that fit: 900, 1000, 1100, 1200"],
    unproven: [({ bucket }) => (bucket.liveBatchSize = 500), "500 does not fit"],
    contradicted: [({ bucket }) => (bucket.liveBatchSize = 2_000), "2000 is too large"],
  },
  bucket_clock: {
    agrees: [UNCHANGED, "no listed object"],
    behind: [({ bucket }) => (bucket.newestUploadedAt = NOW + 120_000), "120 s"],
    unknown: [({ bucket }) => (bucket.newestUploadedAt = null), "no object"],
  },
  receiver: {
    answers: [UNCHANGED, "405"],
    redirects: [({ receiver }) => (receiver.head = HEAD(301)), "301"],
    failing: [({ receiver }) => (receiver.head = HEAD(500)), "500"],
    silent: [({ receiver }) => (receiver.head = { kind: "no_connection" }), "no connection"],
    not_configured: [({ receiver }) => (receiver.head = null), "not set"],
  },
  receiver_clock: {
    agrees: [UNCHANGED, "0 s ahead"],
    differs: [
      ({ receiver }) => (receiver.head = { kind: "answer", status: 405, dateMs: NOW - 200_000 }),
      "-200 s ahead",
    ],
    unknown: [({ receiver }) => (receiver.head = { kind: "timeout" }), "no usable Date"],
  },
  signature: {
    not_asked: [({ receiver }) => (receiver.isSignedAsked = false), "not tried"],
    accepted: [UNCHANGED, "200"],
    refused: [({ receiver }) => (receiver.signed = HEAD(403)), "403"],
    unclear: [({ receiver }) => (receiver.signed = HEAD(400)), "400"],
    not_configured: [({ receiver }) => (receiver.head = null), "not set"],
  },
  receivers: {
    one: [UNCHANGED, "no further receiver"],
    apart: [(facts) => (facts.namedReceivers = [SIEM]), "names siem"],
    same_address: [
      (facts) => Object.assign(facts, { namedReceivers: [SIEM], sameAddress: [["default", "siem"]] }),
      "default and siem",
    ],
  },
};

const ALL = Object.entries(CASES).flatMap(([check, cases]) =>
  Object.entries(cases as Record<string, Case>).map(([outcome, [change, detail]]) => ({
    check,
    outcome,
    change,
    detail,
  })),
);

describe("the doctor of a deployment", () => {
  it.each(ALL)("finds $check: $outcome", ({ check, outcome, change, detail }) => {
    const facts = deploymentFacts();
    change(facts);
    const lines = judgeDeployment(facts).filter((line) => line.check === check);
    expect(lines.map((line) => line.outcome)).toContain(outcome);
    const line = lines.find((one) => one.outcome === outcome);
    expect(line?.detail).toContain(detail);
    expect(line?.remedy === null).toBe(line?.level === "ok");
  });

  it("finds nothing to do in a good deployment", () => {
    const lines = judgeDeployment(deploymentFacts());
    expect(lines.filter(({ level }) => level !== "ok")).toEqual([]);
    expect(worstOf(lines)).toBe("ok");
  });

  it("judges the vars alone while one of them cannot be used", () => {
    const lines = judgeUnusable({
      faults: [{ name: "BATCH_SIZE", detail: "expected a whole number" }],
      misspelt: [{ name: "LOG_PREFX", meant: "LOG_PREFIX" }],
    });
    expect(lines.map(({ check, outcome }) => `${check} ${outcome}`)).toEqual([
      "vars invalid",
      "vars misspelt",
    ]);
    expect(worstOf(lines)).toBe("fault");
  });

  it("judges each receiver of RECEIVERS by itself, under its name", () => {
    const lines = judgeDeployment({ ...deploymentFacts(), namedReceivers: [SIEM] });
    const about = lines.filter(({ detail }) => detail.startsWith("siem: "));
    expect(about.map(({ check, outcome }) => [check, outcome])).toEqual([
      ["receiver", "silent"],
      ["receiver_clock", "unknown"],
      ["signature", "not_asked"],
    ]);
  });

  it("finds two names with one address, and shows no address", () => {
    const one = { url: "https://a.example/in?key=k" };
    const config = readConfig({
      RECEIVER: JSON.stringify(one),
      RECEIVERS: JSON.stringify({
        b: { url: "https://b.example/in" },
        copy: { ...one, headers: { A: "1" } },
      }),
    });
    expect(sameAddresses(config)).toEqual([["default", "copy"]]);
    expect(["default", "b", "copy"].map((name) => sharersOf(config, name))).toEqual([
      ["copy"],
      [],
      ["default"],
    ]);
  });

  it("takes a failure of Cloudflare's edge to connect for a receiver that is silent", () => {
    const facts = deploymentFacts();
    facts.receiver.head = HEAD(521);
    expect(judgeDeployment(facts)).toContainEqual(
      expect.objectContaining({ check: "receiver", outcome: "silent" }),
    );
  });
});
