// Prints the slowest files and tests of a JSON report, and the sum of each layer: node test/slowest.ts report.json
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const SHOWN = 20;

interface Report {
  testResults: {
    name: string;
    startTime: number;
    endTime: number;
    assertionResults: { fullName: string; duration?: number | null }[];
  }[];
}

interface Timed {
  ms: number;
  what: string;
}

function print(title: string, all: Timed[]): void {
  console.log(`\n${title}`);
  for (const { ms, what } of all.toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN))
    console.log(`${(ms / 1_000).toFixed(1).padStart(7)} s  ${what}`);
}

const [path = "report.json"] = process.argv.slice(2);
const { testResults } = JSON.parse(readFileSync(path, "utf8")) as Report;
const files = testResults.map(({ name, startTime, endTime }) => ({
  ms: endTime - startTime,
  what: relative("", name),
}));
const tests = testResults.flatMap(({ name, assertionResults }) =>
  assertionResults.map((one) => ({
    ms: one.duration ?? 0,
    what: `${relative("test", name)}: ${one.fullName}`,
  })),
);
const layers = Object.groupBy(files, ({ what }) => what.split("/")[1] ?? "");
print(
  "Layers",
  Object.entries(layers).map(([what, some = []]) => ({
    ms: some.reduce((sum, { ms }) => sum + ms, 0),
    what,
  })),
);
print("Files", files);
print("Tests", tests);
