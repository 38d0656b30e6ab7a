// Each page names the areas of texts that it needs. A page that shows a text of another area would fail in the browser.
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import * as core from "../../../src/ui/text/en/en.ts";
import * as rows from "../../../src/ui/text/en/row-area.ts";
import * as run from "../../../src/ui/text/en/run-area.ts";
import * as runParts from "../../../src/ui/text/en/run-parts.ts";
import { en } from "../../../src/ui/text/en/all.ts";

const UI = "src/ui";
const AREA_OF = new Map([
  ...Object.keys(en).map((section) => [section, section] as const),
  ["runs", "home"] as const,
  ...Object.keys(core).map((section) => [section, "core"] as const),
  ...Object.keys(rows).map((section) => [section, "rowReasons"] as const),
  ...Object.keys(run).map((section) => [section, "run"] as const),
  ...Object.keys(runParts).map((section) => [section, "runParts"] as const),
]);

/** A part that loads lazily with areas of its own. */
const WITH_AREAS = /import\("(\.[^"]+)"\)\.then\(\(\w+\) => \w+\.\w+\),\s*\[([^\]]+)\]/g;

/** The areas that a file loads itself, before it shows any of their texts. */
const OWN_AREAS = /lazyPage<[^]*?async \(\) =>[^]*?\[([^\]]+)\]/g;

/** The areas of all texts in the file and in the files that it imports, also lazily. Leaves out the areas that a lazy part
 * loads itself. */
function areasIn(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !file.startsWith(UI)) return new Set();
  seen.add(file);
  const source = readFileSync(file, "utf8").replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, "");
  const sections = [...source.matchAll(/texts\.value\.(\w+)/g)].map(([, section = ""]) => section);
  const imports = [...source.matchAll(/^(?!import type).*(?:from |import\()"(\.[^"]+)"/gm)];
  const found = new Set(sections.map((section) => AREA_OF.get(section) ?? section));
  const own = new Map<string, readonly string[]>(
    [...source.matchAll(WITH_AREAS)].map(([, path = "", areas = ""]) => [path, areas.match(/\w+/g) ?? []]),
  );
  for (const [, path = ""] of imports) {
    if (path.includes("/pages.ts")) continue;
    const target = normalize(join(dirname(file), path));
    // A lazy part is walked from its beginning, because its page may have met its files before.
    for (const area of areasIn(target, own.has(path) ? new Set<string>() : seen))
      if (!own.get(path)?.includes(area)) found.add(area);
  }
  for (const [, areas = ""] of source.matchAll(OWN_AREAS))
    for (const area of areas.match(/\w+/g) ?? []) found.delete(area);
  return found;
}

const pages = [
  ...readFileSync(`${UI}/pages/pages.ts`, "utf8").matchAll(
    /import\("\.\/([^"]+)"\)\.then\(\(page\) => page\.\w+\),?(?:\s*\[([^\]]*)\])?/g,
  ),
].map(([, path = "", areas = ""]) => ({ path, areas: areas.match(/\w+/g) ?? [] }));

describe("the areas of texts", () => {
  it("are found for every page of the table", () => {
    expect(pages).toHaveLength(readFileSync(`${UI}/pages/pages.ts`, "utf8").split("lazyPage(").length - 1);
  });

  it.each(pages)("of $path are those that its code shows", ({ path, areas }) => {
    const shown = areasIn(`${UI}/pages/${path}`);
    shown.delete("core");
    expect([...shown].toSorted()).toEqual(areas.toSorted());
  });

  it("are not needed by the frame around the pages", () => {
    expect([...areasIn(`${UI}/app.tsx`)]).toEqual(["core"]);
  });
});
