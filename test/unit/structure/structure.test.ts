// The arrangement of the tree: no import circle, no import from a higher room, and lint rules with the same order.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { LAYERS, SHELLS, WORKER_ROOMS, type Layer } from "./layers.ts";

interface LintRule {
  patterns?: { regex: string; message: string }[];
}
interface LintConfig {
  rules: Record<string, unknown>;
  overrides: { files: string[]; rules: Record<string, [string, LintRule]> }[];
}

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g;

function sources(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
  });
  return listed.split("\n").filter((file) => /^(src|durable-objects|local|bench)\/.*\.ts$/.test(file));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(IMPORT)].map((found) => path.posix.join(path.posix.dirname(file), found[1] ?? ""));
}

const graph = new Map(sources().map((file) => [file, importsOf(file).filter((to) => to.endsWith(".ts"))]));

function circleFrom(start: string): string[] | null {
  const seen = new Set<string>();
  const walk = (file: string, way: string[]): string[] | null => {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return [...way, file, start];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, file]);
      if (found) return found;
    }
    return null;
  };
  return walk(start, []);
}

function forbiddenFor(layer: Layer): Layer[] {
  const floor = LAYERS.indexOf(layer);
  if (floor >= 0) return [...LAYERS.slice(floor + 1), ...WORKER_ROOMS];
  const others = WORKER_ROOMS.filter((room) => room !== layer && !layer.knows?.includes(room.folder));
  return [...LAYERS.filter((room) => !layer.knows?.includes(room.folder)), ...others];
}

describe("the tree", () => {
  it("has no circle of imports, types included", () => {
    const circles = [...graph.keys()].map(circleFrom).filter((circle) => circle !== null);
    expect(circles).toEqual([]);
  });

  it.each([...LAYERS, ...WORKER_ROOMS])("keeps $folder from importing a room above it", (layer) => {
    const wrong = [...graph]
      .filter(([file]) => file.startsWith(layer.folder) && !SHELLS.includes(file))
      .flatMap(([file, imports]) => imports.map((to) => ({ file, to })))
      .filter(
        ({ to }) => SHELLS.includes(to) || forbiddenFor(layer).some((above) => to.startsWith(above.folder)),
      );
    expect(wrong).toEqual([]);
  });

  it("gives every file of a run a room", () => {
    const rooms = [...LAYERS, ...WORKER_ROOMS].map(({ folder }) => folder);
    const homeless = [...graph.keys()].filter(
      (file) =>
        /^(src\/|durable-objects\/)/.test(file) &&
        file !== "src/index.ts" &&
        !SHELLS.includes(file) &&
        !rooms.some((folder) => file.startsWith(folder)),
    );
    expect(homeless).toEqual([]);
  });
});

describe("the linter", () => {
  const config = JSON.parse(readFileSync(".oxlintrc.json", "utf8")) as LintConfig;

  it("refuses circles, types included", () => {
    expect(config.rules["import/no-cycle"]).toEqual(["error", { ignoreTypes: false }]);
  });

  it.each([...LAYERS, ...WORKER_ROOMS])("refuses an import from $folder of a room above it", (layer) => {
    const overrides = config.overrides.filter(({ files }) => files.includes(`${layer.folder}**/*.ts`));
    const patterns = overrides.flatMap(({ rules }) => rules["no-restricted-imports"]?.[1].patterns ?? []);
    const regexes = patterns.map(({ regex }) => regex);
    expect(regexes).toEqual(expect.arrayContaining(forbiddenFor(layer).map(({ pattern }) => pattern)));
    expect(overrides.filter(({ rules }) => "no-restricted-imports" in rules)).toHaveLength(1);
  });
});
