// Each outcome of each check of a clone. The compiler demands a case for every outcome of the table.
import { describe, expect, it } from "vitest";
import { PROJECT_CHECKS } from "../../../local/doctor/checks.ts";
import { judgeProject, type ProjectFacts } from "../../../local/doctor/judge-project.ts";
import { CLASSES, MIGRATIONS } from "../../../local/doctor/wanted.ts";
import { readWranglerConfig, type WranglerConfig } from "../../../local/doctor/wrangler-config.ts";
import * as worker from "../../../src/contract/doctor.ts";
import { projectFacts } from "../../support/doctor-facts.ts";

type Checks = typeof PROJECT_CHECKS;
type Case = [change: (facts: ProjectFacts) => unknown, detail: string];
const UNCHANGED = () => {};
const set = (over: Partial<WranglerConfig>) => (facts: ProjectFacts) =>
  Object.assign(facts.config ?? {}, over);

const CASES: { [Check in keyof Checks]: { [Outcome in keyof Checks[Check]["outcomes"]]: Case } } = {
  wrangler_file: {
    readable: [UNCHANGED, "reads"],
    unreadable: [(facts) => Object.assign(facts, { config: null, unreadable: "line 3" }), "line 3"],
  },
  runtime: {
    fits: [UNCHANGED, "fit"],
    wrong: [set({ compatibility_date: "2023-01-01" }), "2024-09-02"],
  },
  bindings: {
    complete: [UNCHANGED, "every binding"],
    wrong: [set({ durable_objects: { bindings: [] } }), "BACKFILL_RUN"],
  },
  consumers: {
    complete: [UNCHANGED, "four queues"],
    wrong: [
      ({ config }) => set({ queues: { ...config?.queues, consumers: [] } })({ config } as ProjectFacts),
      "has no consumer",
    ],
  },
  dead_letters: {
    complete: [UNCHANGED, "two dead-letter"],
    wrong: [
      ({ config }) =>
        set({
          queues: {
            ...config?.queues,
            consumers: config?.queues?.consumers?.map((one) => ({ ...one, dead_letter_queue: "other" })),
          },
        })({ config } as ProjectFacts),
      "send-dlq-backfill",
    ],
  },
  limits: {
    enough: [UNCHANGED, "300000"],
    low: [set({ limits: undefined }), "30 s"],
  },
  migrations: {
    complete: [UNCHANGED, "tags"],
    wrong: [set({ migrations: [{ tag: "v1", new_sqlite_classes: ["BackfillRun", "RunRegistry"] }] }), "v2"],
  },
  assets: {
    complete: [UNCHANGED, "dist/"],
    wrong: [
      ({ config }) => set({ assets: { ...config?.assets, not_found_handling: "single-page-application" } })({ config } as ProjectFacts), // prettier-ignore
      "not_found_handling",
    ],
  },
  entrances: {
    closed: [UNCHANGED, "no second"],
    preview_urls: [set({ preview_urls: undefined }), "preview"],
    workers_dev: [set({ workers_dev: undefined, vars: { ACCESS_AUD: "a".repeat(64), ACCESS_TEAM_DOMAIN: "https://t.cloudflareaccess.com" } }), "workers.dev"], // prettier-ignore
  },
  vars: {
    usable: [UNCHANGED, "1 vars"],
    misspelt: [set({ vars: { LOG_PREFX: "logs/" } }), "LOG_PREFX"],
    invalid: [set({ vars: { BATCH_SIZE: "7" } }), "BATCH_SIZE"],
  },
  secrets_in_file: {
    none: [UNCHANGED, "no name"],
    found: [set({ vars: { CTYUN_PRIVATE_KEY: "planted-secret" } }), "CTYUN_PRIVATE_KEY"],
  },
  secrets: {
    set: [UNCHANGED, "API_TOKEN"],
    missing: [
      (facts) => (facts.secrets = ["API_TOKENS", "CTYUN_ENDPOINT", "CTYUN_URI_EDGE"]),
      "CTYUN_PRIVATE_KEY",
    ],
    misspelt: [(facts) => facts.secrets?.push("CTYUN_PRIVAT_KEY"), "CTYUN_PRIVAT_KEY"],
    not_checked: [
      (facts) => Object.assign(facts, { secrets: null, secretsNotChecked: "offline" }),
      "offline",
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

describe("the doctor of a clone", () => {
  it.each(ALL)("finds $check: $outcome", ({ check, outcome, change, detail }) => {
    const facts = projectFacts();
    change(facts);
    const lines = judgeProject(facts).filter((line) => line.check === check && line.outcome === outcome);
    expect(lines.map((line) => line.detail).join("; ")).toContain(detail);
    expect(lines.every(({ level, remedy }) => (remedy === null) === (level === "ok"))).toBe(true);
  });

  const queues = projectFacts().config?.queues;
  const consumers = queues?.consumers ?? [];
  const DETAILS: [string, Partial<WranglerConfig>][] = [
    ["main is not", { main: "src/other.ts" }],
    ["lacks nodejs_compat", { compatibility_flags: [] }],
    ["LOGS has no bucket_name", { r2_buckets: [{ binding: "LOGS" }] }],
    ["SEND_QUEUE does not name", { queues: { ...queues, producers: queues?.producers?.slice(0, 1) } }],
    [
      "max_batch_size is not 1",
      { queues: { ...queues, consumers: consumers.map((one) => ({ ...one, max_batch_size: 2 })) } },
    ],
    [
      "max_retries is 0",
      { queues: { ...queues, consumers: consumers.map((one) => ({ ...one, max_retries: 0 })) } },
    ],
    ["send-dlq-backfill has no consumer", { queues: { ...queues, consumers: consumers.slice(0, 3) } }],
    ["migration 1 is not v1", { migrations: projectFacts().config?.migrations?.toReversed() }],
    ["v1 lacks RunRegistry", { migrations: [{ tag: "v1", new_sqlite_classes: ["BackfillRun"] }] }],
    ["directory is not", { assets: { ...projectFacts().config?.assets, directory: "./public" } }],
    ["binding is not ASSETS", { assets: { ...projectFacts().config?.assets, binding: "FILES" } }],
    ["run_worker_first is not", { assets: { ...projectFacts().config?.assets, run_worker_first: true } }],
  ];
  it.each(DETAILS)("names what is wrong: %s", (detail, over) => {
    const facts = projectFacts();
    set(over)(facts);
    const wrong = judgeProject(facts).filter(({ outcome }) => outcome === "wrong");
    expect(wrong.map((line) => line.detail).join("; ")).toContain(detail);
  });

  it("accepts RECEIVER instead of the partner's three secrets", () => {
    const lines = judgeProject({ ...projectFacts(), secrets: ["RECEIVER", "API_TOKEN"] });
    const details = lines
      .filter(({ check }) => check === "secrets")
      .map(({ outcome, detail }) => [outcome, detail]);
    expect(details).toEqual([["set", "set: RECEIVER, API_TOKEN"]]);
  });

  it("finds no fault in the repository's own file", () => {
    const lines = judgeProject({ ...projectFacts(), config: readWranglerConfig("wrangler.toml") });
    expect(lines.filter(({ level }) => level !== "ok")).toEqual([]);
    expect(worker.worstOf(lines)).toBe("ok");
  });

  it("shows the value of no var and of no secret", () => {
    const facts = projectFacts();
    set({
      vars: {
        CTYUN_PRIVATE_KEY: "planted-secret",
        SUCCESS_PATTERN: "planted(secret",
        BATCH_SIZE: "planted-secret",
      },
    })(facts);
    const text = JSON.stringify(judgeProject(facts));
    expect(text).toContain("SUCCESS_PATTERN");
    expect(text).not.toMatch(/planted/);
  });

  it("names every class of a binding in one migration", () => {
    expect(MIGRATIONS.flatMap(({ classes }) => classes).toSorted()).toEqual(
      Object.values(CLASSES).toSorted(),
    );
  });
});
