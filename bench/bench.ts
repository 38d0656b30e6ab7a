// `npm run bench`: measures this machine in one run. Prints one table, with ratios first. Writes the table, the
// machine and its load to bench/out/bench.json. Compares a figure only when it has a target.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { UsageError, endWithParent, flagsOf, readFlags } from "../local/command-line.ts";
import { costSections } from "./cost.ts";
import { benchData, OUT_DIR } from "./data.ts";
import { memorySection } from "./memory.ts";
import { measureParseStep } from "./parse-step.ts";
import { capSection, flowSection, parseSection, table, type Section } from "./report.ts";
import { measureRun } from "./stack.ts";

const USAGE = `usage: npm run bench [-- --quick] [--parse] [--flow] [--cap] [--memory] [--scale] [--listing] [--coverage] [--queue] [--api] [--reference] [--first] [--against DIR] [--all] [--added MS] [--slow N] [--minutes N] [--json FILE]
  without flags  the parse step, the whole flow and the use of a cap, 2 files × 100,000 lines
  --quick        the same within a minute: smaller files, fewer rounds
  --cap          how much of a cap of 8,000 lines/s is used with a receiver of 50–400 ms
  --memory       live memory of the parse step, and files of 100,000 against 1,000,000 lines
  --scale        70,000 files and 3,500,000 batches in one object (minutes); with --quick a fiftieth of it
  --listing      70,000 keys listed five in parallel and one by one, 50 ms added to each list (minutes)
  --coverage     seven days of 70,000 files and 3,500,000 markers in a bucket in memory (minutes)
  --queue        the window queue with 10,000 queued windows
  --api          200 API requests per second during a run at a cap of 8,000 lines/s, and what the run loses (minutes)
  --reference    27,908 batches at a cap of 100,000 lines/s, calls 5 to 20 ms longer (20 minutes); with --quick a tenth
  --first        how soon the first batch leaves, with one, two and six files (minutes)
  --against DIR  the whole flow of this checkout and of the checkout in DIR, in interleaved rounds (minutes)
  --all          everything except --reference and --against
  --added MS     with --reference: only the run whose calls take MS longer
  --minutes N    with --cap: enough files for N minutes at the cap (generated once)
  --slow N       with --reference: one second of the run takes N seconds, for a busy machine; 1 to 4
  --json FILE    default bench/out/bench.json
  --help         this`;

const SECTIONS = [
  "parse",
  "flow",
  "cap",
  "memory",
  "scale",
  "listing",
  "coverage",
  "queue",
  "api",
  "reference",
  "first",
] as const;
type Name = (typeof SECTIONS)[number];

interface Size {
  lines: number;
  rounds: number;
  scale: number;
  keys: number;
  reference: number;
  slow: number;
  minutes: number | null;
  /** Only the reference run whose calls take this many ms longer. Null: all reference runs. */
  added: number | null;
}
const WHOLE: Size = { lines: 100_000, rounds: 7, scale: 1, keys: 70_000, reference: 1, slow: 1, minutes: null, added: null }; // prettier-ignore
const QUICK: Size = {
  lines: 40_000,
  rounds: 2,
  scale: 1 / 50,
  keys: 7_000,
  reference: 1 / 10,
  slow: 1,
  minutes: null,
  added: null,
};
/** `--api` makes this many runs while it calls the API, and as many runs without API calls. */
const API_ROUNDS = 3;
/** The cap of the `--cap` and `--api` measurements, in lines per second. */
const CAP = 8_000;

async function sectionsOf(name: Name, size: Size): Promise<Iterable<Section> | AsyncIterable<Section>> {
  switch (name) {
    case "parse":
      return [parseSection(await measureParseStep(await benchData(2, size.lines), size.rounds), size.rounds)];
    case "flow": {
      const data = await benchData(2, size.lines);
      const near = await measureRun(data, { name: "receiver 0–50 ms", latencyMs: [0, 50] });
      const far = await measureRun(data, { name: "receiver 400 ms", latencyMs: 400 });
      return [flowSection(near, 14_000), flowSection(far, 10_000), ...costSections(near)];
    }
    case "cap": {
      const data = await benchData(
        size.minutes === null ? 2 : filesFor(size.minutes, size.lines),
        size.lines,
      );
      const vars = { MAX_LINES_PER_SECOND: String(CAP), PACE_JITTER_MS: "50" };
      return [capSection(await measureRun(data, { name: "50–400 ms", latencyMs: [50, 400], vars }), CAP)];
    }
    case "memory":
      return [await memorySection(size.lines, size.lines * 10)];
    case "scale": {
      const { scaleSections } = await import("./scale.ts");
      return scaleSections(size.scale);
    }
    case "listing": {
      const { listingSection } = await import("./listing.ts");
      return [await listingSection(size.keys)];
    }
    case "coverage": {
      const { coverageSection } = await import("./coverage.ts");
      return [await coverageSection(size.keys)];
    }
    case "queue": {
      const { queueSection } = await import("./queue.ts");
      return [await queueSection()];
    }
    case "reference": {
      const { referenceSections } = await import("./reference.ts");
      return referenceSections(size.reference, size);
    }
    case "api": {
      const { apiSection } = await import("./api.ts");
      return [await apiSection(await benchData(2, size.lines), size.rounds > 2 ? API_ROUNDS : 1, CAP)];
    }
    case "first": {
      const { firstRequestSection } = await import("./first-request.ts");
      return [await firstRequestSection((files) => benchData(files, size.lines), size.rounds)];
    }
  }
}

/** A run keeps a little more than this share of the sample lines. */
const KEPT_SHARE = 0.49;

/** How many files have enough lines for so many minutes at the cap. */
function filesFor(minutes: number, lines: number): number {
  return Math.ceil((minutes * 60 * CAP) / (lines * KEPT_SHARE));
}

async function main(): Promise<void> {
  const values = flagsOf({ name: "bench", usage: USAGE }, readOptions);
  endWithParent();
  const asked = values.all
    ? SECTIONS.filter((name) => name !== "reference")
    : SECTIONS.filter((name) => values[name]);
  const isDefault = asked.length === 0 && values.against === undefined;
  const names: readonly Name[] = isDefault ? ["parse", "flow", "cap"] : asked;
  const size = {
    ...(values.quick ? QUICK : WHOLE),
    slow: values.slow,
    minutes: values.minutes === undefined ? null : Number(values.minutes),
    added: values.added === undefined ? null : Number(values.added),
  };
  const began = performance.now();
  const load = { before: loadavg()[0], after: 0 };
  const sections: Section[] = [];
  const print = (section: Section): void => {
    sections.push(section);
    console.log(`${table(section)}\n`);
  };
  for (const name of names) for await (const section of await sectionsOf(name, size)) print(section);
  if (values.against !== undefined) {
    const { againstSections } = await import("./against.ts");
    const data = await benchData(2, size.lines);
    for (const section of await againstSections(values.against, data, size.rounds)) print(section);
  }
  load.after = loadavg()[0] ?? NaN;
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version, load };
  await mkdir(OUT_DIR, { recursive: true });
  const path = values.json ?? join(OUT_DIR, "bench.json");
  await writeFile(
    path,
    `${JSON.stringify({ machine, size, runtime: await runtimeVersion(), sections }, null, 1)}\n`,
  );
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${machine.cores} cores (${machine.cpu}), load ${load.before} before; ${seconds} s; ${path}`);
}

/** An invocation of a sender lasts a minute of the run. With a higher factor it lasts longer than the five minutes for
 * which Node waits for an answer. */
const SLOWEST = 4;

function readOptions(args: string[]) {
  const values = readFlags(args, {
    quick: { type: "boolean", default: false },
    parse: { type: "boolean", default: false },
    flow: { type: "boolean", default: false },
    cap: { type: "boolean", default: false },
    memory: { type: "boolean", default: false },
    scale: { type: "boolean", default: false },
    listing: { type: "boolean", default: false },
    coverage: { type: "boolean", default: false },
    queue: { type: "boolean", default: false },
    api: { type: "boolean", default: false },
    reference: { type: "boolean", default: false },
    first: { type: "boolean", default: false },
    against: { type: "string" },
    all: { type: "boolean", default: false },
    added: { type: "string" },
    slow: { type: "string", default: "1" },
    minutes: { type: "string" },
    json: { type: "string" },
  });
  const slow = Number(values.slow);
  if (!(slow >= 1 && slow <= SLOWEST)) throw new UsageError(`--slow needs a number from 1 to ${SLOWEST}`);
  return { ...values, slow };
}

async function runtimeVersion(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, "../node_modules/workerd/package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return `workerd ${version}`;
}

await main();
// Ends the process explicitly, because timers of the local runtime would keep it open.
process.exit();
