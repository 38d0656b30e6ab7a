// The alert rules and the dashboard use only metrics, labels and values that GET /metrics has.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BATCH_STATES, FILE_STATES, STAGES } from "../../../src/contract/states.ts";
import { CELL_NAMES } from "../../../src/contract/coverage-metrics.ts";
import { OPEN_WINDOW_STATES } from "../../../src/contract/registry-metrics.ts";
import { LINE_STATES } from "../../../src/contract/run-metrics.ts";
import { FAMILIES } from "../../../src/http/metrics/families.ts";

const ALERTS = "docs/reference/alerts.yml";
const RULE_TESTS = "test/fixtures/metrics/alerts.test.yml";
const alerts = readFileSync(ALERTS, "utf8");

interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string; refId: string; datasource: { uid: string } }[];
}
const dashboard = JSON.parse(readFileSync("docs/reference/grafana-dashboard.json", "utf8")) as {
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
};
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** Each series name, with the labels that its samples have. */
const SERIES = new Map(
  FAMILIES.flatMap(({ name, type, labels }): [string, readonly string[]][] =>
    type === "histogram"
      ? [
          [`${name}_bucket`, [...labels, "le"]],
          [`${name}_sum`, labels],
          [`${name}_count`, labels],
        ]
      : [[name, labels]],
  ),
);

/** The values that a label of these metrics may have. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "backfill_run_stage stage": STAGES,
  "backfill_runs stage": STAGES,
  "backfill_run_lines state": LINE_STATES,
  "backfill_run_files state": FILE_STATES,
  "backfill_run_batches state": BATCH_STATES,
  "backfill_run_duplicate_lines certainty": ["certain", "possible"],
  "backfill_run_lines_per_second kind": ["delivered", "target", "cap"],
  "backfill_coverage_cells state": Object.values(CELL_NAMES),
  "backfill_coverage_hole_cells replayed": ["yes", "no"],
  "backfill_queue_windows state": OPEN_WINDOW_STATES,
};

/** The series, labels and values in PromQL expressions that GET /metrics does not have. */
function unknownIn(text: string): string[] {
  return [...text.matchAll(/\b(backfill_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = "", selector = ""]) => {
    const labels = SERIES.get(name);
    if (!labels) return [name];
    return [...selector.matchAll(/(\w+)(?:=~|!~|=|!=)"([^"]*)"/g)].flatMap(([, label = "", value = ""]) => {
      if (!labels.includes(label)) return [`${name}{${label}}`];
      const values = VALUES[`${name} ${label}`];
      return values ? value.split("|").filter((one) => !values.includes(one)) : [];
    });
  });
}

/** The name of every metric that a text uses. */
function metricsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/\bbackfill_\w+/g)].map(([name]) => name));
}

describe("the alert rules", () => {
  it("name only metrics, labels and values that exist", () => {
    expect(unknownIn(alerts)).toEqual([]);
    expect(metricsIn(alerts).size).toBeGreaterThan(10);
  });

  it("each have a severity, a summary and an existing page of the runbook", () => {
    const rules = alerts.split(/^ +- alert: /m).slice(1);
    expect(rules.length).toBeGreaterThanOrEqual(8);
    for (const rule of rules) {
      const [, page = ""] = /^ +runbook: (\S+)$/m.exec(rule) ?? [];
      expect([rule.split("\n")[0], existsSync(page)]).toEqual([rule.split("\n")[0], true]);
      expect(rule).toMatch(/severity: (page|ticket) /);
      expect(rule).toMatch(/^ +summary: /m);
    }
  });

  it("are each tested with series", () => {
    const names = (text: string, pattern: RegExp) =>
      new Set([...text.matchAll(pattern)].map(([, name]) => name));
    expect(names(readFileSync(RULE_TESTS, "utf8"), /alertname: (\w+)/g)).toEqual(
      names(alerts, /alert: (\w+)/g),
    );
  });
});

describe("the dashboard", () => {
  it("names only metrics, labels and values that exist", () => {
    expect(unknownIn(expressions.join("\n").replaceAll('"$run"', '".*"'))).toEqual([]);
  });

  it("shows what an operator asks for", () => {
    expect([...metricsIn(expressions.join("\n"))]).toEqual(
      expect.arrayContaining([
        "backfill_run_stage",
        "backfill_run_lines_per_second",
        "backfill_run_progress_ratio",
        "backfill_run_eta_seconds",
        "backfill_run_duplicate_lines",
        "backfill_post_failures_total",
        "backfill_post_duration_seconds_bucket",
        "backfill_coverage_cells",
      ]),
    );
  });

  it("can be imported: unique panels that do not overlap, and a data source that is chosen", () => {
    const { panels, templating } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(templating.list.map(({ name }) => name)).toEqual(["datasource", "run"]);
    expect(unknownIn(templating.list[1]?.definition ?? "")).toEqual([]);
    const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
    );
    expect(new Set(places).size).toBe(places.length);
    for (const { gridPos, targets } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const { datasource } of targets) expect(datasource.uid).toBe("${datasource}");
    }
  });
});

describe("the check of names", () => {
  it.each([
    ["backfill_nothing", ["backfill_nothing"]],
    ['backfill_runs{state="sending"}', ["backfill_runs{state}"]],
    ['backfill_runs{stage=~"sending|asleep"}', ["asleep"]],
    ['rate(backfill_post_duration_seconds_bucket{le="1"}[5m])', []],
  ])("finds what does not exist in %s", (text, unknown) => {
    expect(unknownIn(text)).toEqual(unknown);
  });
});

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
describe.skipIf(!hasPromtool)(
  "promtool (Debian package prometheus; skipped where it is not installed)",
  () => {
    const promtool = (...args: string[]) => execFileSync("promtool", args, { encoding: "utf8" });

    it("accepts the alert rules, and each raises its alert", () => {
      expect(promtool("check", "rules", ALERTS)).toContain("SUCCESS");
      expect(promtool("test", "rules", RULE_TESTS)).toContain("SUCCESS");
    });

    it("accepts every expression of the dashboard", () => {
      const rules = expressions.map((expr, n) => ({
        record: `panel_${n}`,
        expr: expr.replaceAll("$run", ".*"),
      }));
      const path = join(mkdtempSync(join(tmpdir(), "dashboard-")), "rules.yml");
      // JSON is YAML.
      writeFileSync(path, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
      expect(promtool("check", "rules", path)).toContain(`${rules.length} rules found`);
    });
  },
);
