// wrangler.toml and the documents must contain the tables that the code declares, word for word.
import { describe, expect, it } from "vitest";
import { TABLES, writtenFiles } from "../../local/tables/written-tables.ts";
import { readConfig } from "../../src/platform/config.ts";
import { FORMATS } from "../../src/pipeline/transform/formats/formats.ts";
import { VARS, type DeclaredVar } from "../../src/platform/vars.ts";
import { goldenText } from "./pipeline/support.ts";

const FILES = writtenFiles(process.cwd());

describe("the declared tables", () => {
  it.each(FILES)("equal the text of $path (if not: npm run tables)", ({ found, wanted }) => {
    expect(found).toBe(wanted);
  });

  it.each(Object.keys(TABLES))("are in one document: %s", (name) => {
    expect(FILES.filter(({ tables }) => tables.includes(name))).toHaveLength(1);
  });
});

describe("a declared var", () => {
  it.each(Object.entries<DeclaredVar>(VARS))(
    "accepts its own default and shipped value: %s",
    (name, declared) => {
      for (const value of [declared.default, declared.shipped]) {
        if (typeof value === "string") expect(() => readConfig({ [name]: value })).not.toThrow();
      }
      // A var without a default is off. The comment in wrangler.toml shows an example value.
      expect(declared.default === null).toBe(declared.example !== undefined);
    },
  );
});

describe("a declared field of the line", () => {
  it.each([1, 2] as const)("names the sources of fields.tsv in parse version %i", (version) => {
    const declared = FORMATS["edge-3.0"].versions[version].columns.flatMap(({ at, sources }) =>
      at.map((field): [number, readonly string[]] => [field, sources]),
    );
    const golden = goldenText("fields.tsv")
      .split("\n")
      .map((row) => row.split("\t"))
      .filter(([index, source]) => /^\d+$/.test(index ?? "") && (source !== "(constant)" || index === "1"))
      .map(([index, source = ""]): [number, string[]] => [Number(index), sourcesOf(source)]);
    expect(declared.toSorted(([a], [b]) => a - b)).toEqual(golden);
  });
});

/** `A + B`, `A, B` and `A["key"]` name fields of the record. */
function sourcesOf(text: string): string[] {
  if (text === "(constant)") return [];
  return text.split(/ \+ |, /).map((source) => source.replace(/\[.*\]$/, ""));
}
