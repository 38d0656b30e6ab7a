// The checks of a clone before its deployment. Does no I/O. Takes the facts that were read, returns findings.
import { linesOf, type DoctorLine } from "../../src/contract/doctor.ts";
import { checkConfig, RECEIVER_SECRETS } from "../../src/platform/config.ts";
import { knownVarCloseTo, misspeltText, misspeltVars } from "../../src/platform/misspelt-vars.ts";
import { SECRETS } from "../../src/platform/vars.ts";
import { PROJECT_CHECKS, type ProjectFinding } from "./checks.ts";
import type { WranglerConfig } from "./wrangler-config.ts";
import { CLASSES, DEAD_LETTERS, MIGRATIONS, OLDEST_DATE, PRODUCERS } from "./wanted.ts";

export interface ProjectFacts {
  config: WranglerConfig | null;
  /** Why `config` is null. */
  unreadable: string;
  /** The names of the deployed secrets. Null: they were not read. */
  secrets: string[] | null;
  secretsNotChecked: string;
}

const CPU_MS = 300_000;
/** The secrets that a deployment needs. Without them no caller is accepted, or no run can start. API_TOKENS can
 * replace API_TOKEN. RECEIVER can replace the three secrets of the partner. */
function neededSecrets(names: readonly string[]): readonly string[] {
  return [
    ...(names.includes("RECEIVER") ? ["RECEIVER"] : RECEIVER_SECRETS),
    ...(names.includes("API_TOKENS") ? [] : ["API_TOKEN"]),
  ];
}

export function judgeProject({ config, unreadable, secrets, secretsNotChecked }: ProjectFacts): DoctorLine[] {
  if (config === null)
    return linesOf(PROJECT_CHECKS, [{ check: "wrangler_file", outcome: "unreadable", detail: unreadable }]);
  return linesOf(PROJECT_CHECKS, [
    { check: "wrangler_file", outcome: "readable", detail: "wrangler reads the file" },
    ...judge("runtime", "fits", "entry, date and flag fit the code", runtimeFaults(config)),
    ...judge("bindings", "complete", "every binding is there", bindingFaults(config)),
    ...judge("consumers", "complete", "four queues have consumers", consumerFaults(config)),
    ...judge("dead_letters", "complete", "two dead-letter queues have consumers", deadLetterFaults(config)),
    limits(config),
    ...judge(
      "migrations",
      "complete",
      "tags and classes are those of the repository",
      migrationFaults(config),
    ),
    ...judge("assets", "complete", "the page is served from dist/", assetFaults(config)),
    ...entrances(config),
    ...vars(config),
    secretsInFile(config),
    ...secretLines(secrets, secretsNotChecked),
  ]);
}

/** The checks that have an outcome named "wrong". */
type WrongCheck = {
  [Check in keyof typeof PROJECT_CHECKS]: "wrong" extends keyof (typeof PROJECT_CHECKS)[Check]["outcomes"]
    ? Check
    : never;
}[keyof typeof PROJECT_CHECKS];

/** Returns one finding "wrong" for each detail in `wrong`. If there is no detail, returns the outcome `good`. */
function judge<Check extends WrongCheck>(
  check: Check,
  good: string,
  goodDetail: string,
  wrong: readonly string[],
): ProjectFinding[] {
  const found = wrong.map((detail) => ({ check, outcome: "wrong", detail }));
  return (found.length > 0 ? found : [{ check, outcome: good, detail: goodDetail }]) as ProjectFinding[];
}

function runtimeFaults({
  main,
  compatibility_date: date,
  compatibility_flags: flags = [],
}: WranglerConfig): string[] {
  return [
    ...(main?.replaceAll("\\", "/").endsWith("src/index.ts") ? [] : ["main is not src/index.ts"]),
    ...(date !== undefined && date >= OLDEST_DATE ? [] : [`compatibility_date is before ${OLDEST_DATE}`]),
    ...(flags.includes("nodejs_compat") ? [] : ["compatibility_flags lacks nodejs_compat"]),
  ];
}

function bindingFaults({
  r2_buckets: buckets = [],
  durable_objects: objects,
  queues,
}: WranglerConfig): string[] {
  const logs = buckets.find(({ binding }) => binding === "LOGS");
  const bound = objects?.bindings ?? [];
  const producers = queues?.producers ?? [];
  return [
    ...(logs?.bucket_name ? [] : ["the bucket LOGS has no bucket_name"]),
    ...Object.entries(CLASSES)
      .filter(([name, wanted]) => bound.find((one) => one.name === name)?.class_name !== wanted)
      .map(([name, wanted]) => `the binding ${name} does not name the class ${wanted}`),
    ...Object.entries(PRODUCERS)
      .filter(([name, wanted]) => producers.find(({ binding }) => binding === name)?.queue !== wanted)
      .map(([name, wanted]) => `the binding ${name} does not name the queue ${wanted}`),
  ];
}

function consumerFaults({ queues }: WranglerConfig): string[] {
  const consumers = queues?.consumers ?? [];
  const wanted = [...Object.values(PRODUCERS), ...Object.values(DEAD_LETTERS)];
  const missing = wanted.filter((queue) => !consumers.some((one) => one.queue === queue));
  const parse = consumers.find(({ queue }) => queue === PRODUCERS.PARSE_QUEUE);
  return [
    ...missing.map((queue) => `${queue} has no consumer`),
    // With more than one message, an invocation would parse two files at once and could exceed its memory.
    ...(parse && parse.max_batch_size !== 1 ? [`${parse.queue}: max_batch_size is not 1`] : []),
    ...consumers
      .filter(({ max_retries: retries }) => retries === 0)
      .map(({ queue }) => `${queue}: max_retries is 0`),
  ];
}

function deadLetterFaults({ queues }: WranglerConfig): string[] {
  const consumers = queues?.consumers ?? [];
  return Object.entries(DEAD_LETTERS).flatMap(([queue, wanted]) => {
    const consumer = consumers.find((one) => one.queue === queue);
    // The check "consumers" reports a missing consumer.
    if (consumer === undefined || consumer.dead_letter_queue === wanted) return [];
    return [`${queue}: dead_letter_queue is not ${wanted}`];
  });
}

function limits({ limits: set }: WranglerConfig): ProjectFinding {
  const check = "limits" as const;
  const ms = set?.cpu_ms;
  if (ms === undefined) return { check, outcome: "low", detail: "cpu_ms is not set: the default is 30 s" };
  return { check, outcome: ms < CPU_MS ? "low" : "enough", detail: `cpu_ms is ${ms}` };
}

function migrationFaults({ migrations = [] }: WranglerConfig): string[] {
  return MIGRATIONS.flatMap(({ tag, classes }, n) => {
    const found = migrations[n];
    if (found?.tag !== tag) return [`migration ${n + 1} is not ${tag}`];
    const given = found.new_sqlite_classes ?? [];
    const missing = classes.filter((name) => !given.includes(name));
    return missing.map((name) => `${tag} lacks ${name} in new_sqlite_classes`);
  });
}

function assetFaults({ assets }: WranglerConfig): string[] {
  const first = assets?.run_worker_first;
  const routes = Array.isArray(first) ? first : [];
  return [
    ...(assets?.directory?.replace(/^\.\//, "").replace(/\/$/, "") === "dist"
      ? []
      : ["directory is not ./dist"]),
    ...(assets?.binding === "ASSETS" ? [] : ["binding is not ASSETS"]),
    // Without "none", a request for a missing script would get an HTML page with the status 200.
    ...(assets?.not_found_handling === "none" ? [] : ["not_found_handling is not none"]),
    ...(routes.includes("/*") && routes.includes("!/ui/assets/*")
      ? []
      : ["run_worker_first is not /* without /ui/assets/*"]),
  ];
}

function entrances({
  preview_urls: previews,
  workers_dev: dev,
  vars: set = {},
}: WranglerConfig): ProjectFinding[] {
  const check = "entrances" as const;
  const found: ProjectFinding[] = [];
  if (previews !== false) {
    found.push({ check, outcome: "preview_urls", detail: "preview URLs are a second entrance" });
  }
  if (set["ACCESS_AUD"] !== undefined && dev !== false) {
    found.push({ check, outcome: "workers_dev", detail: "Access is set up, and workers.dev is not closed" });
  }
  return found.length > 0 ? found : [{ check, outcome: "closed", detail: "no second entrance is declared" }];
}

function vars({ vars: set = {} }: WranglerConfig): ProjectFinding[] {
  const check = "vars" as const;
  // Another check reports a secret in the file. Its value is removed here, so that no rule reads it.
  const plain = Object.fromEntries(Object.entries(set).filter(([name]) => !Object.hasOwn(SECRETS, name)));
  const checked = checkConfig(plain);
  const faults = checked.ok ? [] : checked.faults;
  const found = [
    ...faults.map(({ name, detail }) => ({
      check,
      outcome: "invalid" as const,
      detail: `${name}: ${detail}`,
    })),
    ...misspeltVars(plain).map((one) => ({ check, outcome: "misspelt" as const, detail: misspeltText(one) })),
  ];
  if (found.length > 0) return found;
  return [{ check, outcome: "usable", detail: `${Object.keys(plain).length} vars can be used` }];
}

function secretsInFile({ vars: set = {} }: WranglerConfig): ProjectFinding {
  const check = "secrets_in_file" as const;
  const names = Object.keys(set).filter((name) => Object.hasOwn(SECRETS, name));
  if (names.length === 0) return { check, outcome: "none", detail: "no name of a secret is in [vars]" };
  return { check, outcome: "found", detail: `in [vars]: ${names.join(", ")}` };
}

function secretLines(names: readonly string[] | null, why: string): ProjectFinding[] {
  const check = "secrets" as const;
  if (names === null) return [{ check, outcome: "not_checked", detail: why }];
  const needed = neededSecrets(names);
  const missing = needed.filter((name) => !names.includes(name));
  const wrong = names.flatMap((name) => {
    const meant = knownVarCloseTo(name);
    return meant === null ? [] : [misspeltText({ name, meant })];
  });
  const found: ProjectFinding[] = [
    ...(missing.length > 0
      ? [{ check, outcome: "missing" as const, detail: `not set: ${missing.join(", ")}` }]
      : []),
    ...wrong.map((detail) => ({ check, outcome: "misspelt" as const, detail })),
  ];
  return found.length > 0 ? found : [{ check, outcome: "set", detail: `set: ${needed.join(", ")}` }];
}
