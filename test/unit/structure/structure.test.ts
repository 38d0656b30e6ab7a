// The arrangement of the tree: no import circle, no import from a higher folder, and lint rules with the same order.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { CLIENT_FOLDERS, LAYERS, SHELLS, WORKER_FOLDERS, type Layer } from "./layers.ts";

interface LintRule {
  patterns?: { regex: string; message: string; allowTypeImports?: boolean }[];
}
interface LintConfig {
  rules: Record<string, unknown>;
  overrides: { files: string[]; rules: Record<string, [string, LintRule]> }[];
}

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g;
/** `import type … from "…"`, and the same with `export`. */
const TYPE_IMPORT = /\b(?:import|export)\s+type\s[^;"]*\bfrom\s*"(\.[^"]+)"/g;

function sources(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
  });
  return listed.split("\n").filter((file) => /^(src|durable-objects|local|bench)\/.*\.tsx?$/.test(file));
}

function importsOf(file: string, pattern = IMPORT): string[] {
  const text = readFileSync(file, "utf8");
  const paths = [...text.matchAll(pattern)].map(([, to = ""]) =>
    path.posix.join(path.posix.dirname(file), to),
  );
  return paths.filter((to) => /\.tsx?$/.test(to));
}

const graph = new Map(sources().map((file) => [file, importsOf(file)]));

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
  if (floor >= 0) return [...LAYERS.slice(floor + 1), ...WORKER_FOLDERS, ...CLIENT_FOLDERS];
  const others = [...WORKER_FOLDERS, ...CLIENT_FOLDERS].filter(
    (other) => other !== layer && !layer.mayImport?.includes(other.folder),
  );
  return [...LAYERS.filter((other) => !layer.mayImport?.includes(other.folder)), ...others];
}

describe("the tree", () => {
  it("has no circle of imports, types included", () => {
    const circles = [...graph.keys()].map(circleFrom).filter((circle) => circle !== null);
    expect(circles).toEqual([]);
  });

  it.each([...LAYERS, ...WORKER_FOLDERS, ...CLIENT_FOLDERS])(
    "keeps $folder from importing a folder above it",
    (layer) => {
      const wrong = [...graph]
        .filter(([file]) => file.startsWith(layer.folder) && !SHELLS.includes(file))
        .flatMap(([file, imports]) => imports.map((to) => ({ file, to })))
        .filter(
          ({ to }) => SHELLS.includes(to) || forbiddenFor(layer).some((above) => to.startsWith(above.folder)),
        );
      expect(wrong).toEqual([]);
    },
  );

  it("lets the page and the command line import only themselves and types of the contract", () => {
    const wrong = [...graph].flatMap(([file, imports]) => {
      const home = CLIENT_FOLDERS.find(({ folder }) => file.startsWith(folder));
      if (!home) return [];
      const types = new Set(importsOf(file, TYPE_IMPORT));
      const allowed = (to: string) =>
        to.startsWith(home.folder) || (to.startsWith("src/contract/") && types.has(to));
      return imports.filter((to) => !allowed(to)).map((to) => ({ file, to }));
    });
    expect(wrong).toEqual([]);
  });

  it("lets no program import the page or the command line", () => {
    // Writes the reference of the commands from the commands.
    const writer = "local/tables/commands-text.ts";
    const programs = [...graph].filter(([file]) => file !== writer);
    const wrong = programs.flatMap(([file, imports]) =>
      CLIENT_FOLDERS.filter(({ folder }) => !file.startsWith(folder)).flatMap(({ folder }) =>
        imports.filter((to) => to.startsWith(folder)).map((to) => ({ file, to })),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it("lists the folder of every file", () => {
    const folders = [...LAYERS, ...WORKER_FOLDERS, ...CLIENT_FOLDERS].map(({ folder }) => folder);
    const homeless = [...graph.keys()].filter(
      (file) =>
        /^(src\/|durable-objects\/)/.test(file) &&
        file !== "src/index.ts" &&
        !SHELLS.includes(file) &&
        !folders.some((folder) => file.startsWith(folder)),
    );
    expect(homeless).toEqual([]);
  });
});

describe("the linter", () => {
  const config = JSON.parse(readFileSync(".oxlintrc.json", "utf8")) as LintConfig;

  it("refuses circles, types included", () => {
    expect(config.rules["import/no-cycle"]).toEqual(["error", { ignoreTypes: false }]);
  });

  it.each([...LAYERS, ...WORKER_FOLDERS])("refuses an import from $folder of a folder above it", (layer) => {
    const overrides = config.overrides.filter(({ files }) => files.includes(`${layer.folder}**/*.ts`));
    const patterns = overrides.flatMap(({ rules }) => rules["no-restricted-imports"]?.[1].patterns ?? []);
    const regexes = patterns.map(({ regex }) => regex);
    expect(regexes).toEqual(expect.arrayContaining(forbiddenFor(layer).map(({ pattern }) => pattern)));
    expect(overrides.filter(({ rules }) => "no-restricted-imports" in rules)).toHaveLength(1);
  });

  it.each(CLIENT_FOLDERS)("refuses an import from $folder of the Worker, but for types", ({ folder }) => {
    const overrides = config.overrides.filter(({ files }) => files.includes(`${folder}**/*.ts`));
    const patterns = overrides.flatMap(({ rules }) => rules["no-restricted-imports"]?.[1].patterns ?? []);
    const refused = (to: string) =>
      patterns.some(({ regex, allowTypeImports }) => !allowTypeImports && new RegExp(regex).test(to));
    const folders = readdirSync("src", { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const others = folders.map(({ name }) => name).filter((name) => folder !== `src/${name}/`);
    const wrong = others.filter((name) => refused(`../../${name}/x.ts`) === (name === "contract"));
    expect(wrong).toEqual([]);
    expect(refused("../../durable-objects/coverage/coverage.ts")).toBe(true);
    expect(patterns.find(({ regex }) => new RegExp(regex).test("../contract/x.ts"))?.allowTypeImports).toBe(
      true,
    );
  });
});
