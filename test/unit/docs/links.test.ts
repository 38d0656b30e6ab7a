// Every relative link of a document must lead to an existing file, and every anchor to an existing heading.
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { DOCUMENTS, anchors, filesBelow, relativeLinks } from "./markdown.ts";

const files = new Set(filesBelow());
const folders = new Set([...files].flatMap((file) => parents(file)));

function parents(file: string): string[] {
  const parent = path.posix.dirname(file);
  return parent === "." ? [] : [parent, ...parents(parent)];
}

/** Why the link does not resolve. Null when it does. */
function fault(from: string, target: string): string | null {
  const [file = "", anchor] = target.split("#");
  const to = file === "" ? from : path.posix.join(path.posix.dirname(from), file).replace(/\/$/, "");
  if (!files.has(to) && !folders.has(to)) return `${from}: ${target} leads nowhere`;
  if (anchor === undefined) return null;
  return anchors(DOCUMENTS.get(to) ?? "").has(anchor) ? null : `${from}: ${target} has no such anchor`;
}

it("resolves every relative link and anchor", () => {
  const faults = [...DOCUMENTS].flatMap(([from, text]) =>
    relativeLinks(text).map((target) => fault(from, target)).filter((found) => found !== null),
  ); // prettier-ignore
  expect(faults).toEqual([]);
});

it("names no document that does not exist in code or configuration", () => {
  const sources = [...files].filter((file) =>
    /^(src|durable-objects|local|bench|test|wrangler).*\.(ts|sql|toml)$/.test(file),
  );
  const faults = sources.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/docs\/[a-z0-9/-]+\.md/g)]
      .filter(([name]) => !files.has(name))
      .map(([name]) => `${file}: ${name} does not exist`),
  );
  expect(faults).toEqual([]);
});
