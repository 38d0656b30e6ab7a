// Reads Prometheus text, version 0.0.4, as strictly as its specification. Shares no code with the code that writes
// it. Throws at the first line that is not well formed.

export interface ParsedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface ParsedFamily {
  name: string;
  type: string;
  help: string;
  samples: ParsedSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)$/s;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const TYPES = new Set(["counter", "gauge", "histogram", "summary", "untyped"]);

/** The families by name. */
export function parseMetrics(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line has no line feed");
  const families = new Map<string, ParsedFamily>();
  const series = new Set<string>();
  let current: ParsedFamily | null = null;
  for (const line of text.slice(0, -1).split("\n")) {
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === "HELP") {
      if (!NAME.test(name) || families.has(name)) throw new Error(`a second or bad HELP: ${line}`);
      current = { name, type: "", help: rest, samples: [] };
      families.set(name, current);
    } else if (kind === "TYPE") {
      if (current?.name !== name || current.type !== "" || !TYPES.has(rest) || current.samples.length > 0)
        throw new Error(`TYPE must follow its HELP once: ${line}`);
      current.type = rest;
    } else {
      const sample = sampleOf(line);
      if (!current || !belongs(sample.name, current)) throw new Error(`outside of its family: ${line}`);
      const identity = JSON.stringify([sample.name, sorted(sample.labels)]);
      if (series.has(identity)) throw new Error(`a second sample of a series: ${line}`);
      series.add(identity);
      current.samples.push(sample);
    }
  }
  for (const family of families.values()) if (family.type === "histogram") checkHistogram(family);
  return families;
}

function sorted(labels: Record<string, string>): string[] {
  return Object.entries(labels)
    .map((pair) => JSON.stringify(pair))
    .toSorted();
}

function belongs(name: string, { name: family, type }: ParsedFamily): boolean {
  if (type === "") return false;
  if (type !== "histogram") return name === family;
  return ["_bucket", "_sum", "_count"].some((end) => name === family + end);
}

function sampleOf(line: string): ParsedSample {
  const [, name, pairs = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a sample: ${line}`);
  return { name, labels: labelsOf(pairs, line), value: valueOf(value, line) };
}

function labelsOf(pairs: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = pairs; rest !== "";) {
    const [all, name = "", text = ""] = LABEL.exec(rest) ?? [];
    if (all === undefined || Object.hasOwn(labels, name)) throw new Error(`bad labels: ${line}`);
    labels[name] = text.replaceAll(/\\(["\\n])/g, (_all, one: string) => (one === "n" ? "\n" : one));
    rest = rest.slice(all.length);
  }
  return labels;
}

function valueOf(text: string, line: string): number {
  if (text === "+Inf" || text === "-Inf") return text === "+Inf" ? Infinity : -Infinity;
  if (text === "NaN") return Number.NaN;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw new Error(`bad value: ${line}`);
  return Number(text);
}

/** Checks that bounds and counts rise, that the last bound is +Inf, and that its bucket equals the count. */
function checkHistogram({ name, samples }: ParsedFamily): void {
  const others = ({ labels }: ParsedSample) => {
    const { le: _bound, ...rest } = labels;
    return JSON.stringify(sorted(rest));
  };
  for (const [identity, parts] of Map.groupBy(samples, others)) {
    const buckets = parts.filter((part) => part.name === `${name}_bucket`);
    const [sum, count] = ["_sum", "_count"].map((end) => parts.filter((part) => part.name === name + end));
    if (sum?.length !== 1 || count?.length !== 1) throw new Error(`${name}${identity} has no sum or count`);
    const bounds = buckets.map(({ labels }) => valueOf(labels["le"] ?? "", identity));
    const counts = buckets.map(({ value }) => value);
    for (let n = 1; n < buckets.length; n += 1) {
      if ((bounds[n] ?? 0) <= (bounds[n - 1] ?? 0)) throw new Error(`${name}${identity}: bounds do not rise`);
      if ((counts[n] ?? 0) < (counts[n - 1] ?? 0)) throw new Error(`${name}${identity}: counts fall`);
    }
    if (bounds.at(-1) !== Infinity || counts.at(-1) !== count[0]?.value)
      throw new Error(`${name}${identity}: the last bucket is not +Inf, or differs from the count`);
  }
}
