// Writes metrics as Prometheus text, version 0.0.4. Does no I/O.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Answer times for one combination of labels. `upTo` lists cumulative counts, sorted by rising bounds. */
export interface Histogram {
  labels: Readonly<Record<string, string>>;
  upTo: readonly { bound: number; count: number }[];
  count: number;
  sum: number;
}

interface Named {
  name: string;
  /** One line that explains the metric to people. */
  help: string;
  /** The label names of every sample. A histogram also has the label `le`. */
  labels: readonly string[];
}

/** A metric, and the function that makes its samples. `Source` is the type of the gathered figures. */
export type MetricFamily<Source> = Named &
  (
    | { type: "gauge" | "counter"; samples: (source: Source) => readonly Sample[] }
    | { type: "histogram"; samples: (source: Source) => readonly Histogram[] }
  );

/** Writes HELP and TYPE even for a metric without a sample, so that the answer always lists every metric. */
export function metricText<Source>(families: readonly MetricFamily<Source>[], source: Source): string {
  return families
    .flatMap((family) => [
      `# HELP ${family.name} ${family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
      `# TYPE ${family.name} ${family.type}`,
      ...linesOf(family, source),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

function linesOf<Source>(family: MetricFamily<Source>, source: Source): string[] {
  const { name } = family;
  if (family.type !== "histogram")
    return family.samples(source).map(({ labels, value }) => lineOf(name, labels, value));
  return family
    .samples(source)
    .flatMap(({ labels, upTo, count, sum }) => [
      ...upTo.map(({ bound, count: within }) =>
        lineOf(`${name}_bucket`, { ...labels, le: numberText(bound) }, within),
      ),
      lineOf(`${name}_bucket`, { ...labels, le: "+Inf" }, count),
      lineOf(`${name}_sum`, labels, sum),
      lineOf(`${name}_count`, labels, count),
    ]);
}

function lineOf(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${numberText(value)}`;
}

/** Escapes characters that would end the line or the quoted value. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
