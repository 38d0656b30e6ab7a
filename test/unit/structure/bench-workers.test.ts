// The bench runs Workers of its own with the deployed configuration. The configuration lists classes, and each Worker
// must export them. A missing class would stop the bench at its start.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const DIR = "bench/worker";
/** Modules that are no Worker with the deployed configuration. */
const OTHERS = new Set(["counters.ts", "parse-step.ts"]);
const CLASSES = [...readFileSync("wrangler.toml", "utf8").matchAll(/class_name = "(\w+)"/g)].map(
  ([, name]) => name,
);

describe("the Workers of the bench", () => {
  it.each(readdirSync(DIR).filter((name) => !OTHERS.has(name)))("%s exports every class", (name) => {
    const text = readFileSync(`${DIR}/${name}`, "utf8");
    const exported = [...text.matchAll(/^export (?:class (\w+)|\{([^}]*)\})/gm)].flatMap(
      ([, one, many = ""]) => [one, ...many.split(",").map((part) => part.trim())],
    );
    expect(CLASSES.length).toBeGreaterThan(3);
    expect(exported).toEqual(expect.arrayContaining(CLASSES));
  });
});
