// An export says that another file uses the name. An export without a user hides dead code from the compiler.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const EXPORT = /^export (?:async )?(?:function\*?|const|let|class|abstract class) ([A-Za-z_$][\w$]*)/gm;
const NAME = /[A-Za-z_$][\w$]*/g;
/** The runtime uses what `index.ts` exports. A test imports the schemas of the API all together. */
const USED_BY_OTHERS = /^src\/(?:index\.ts|contract\/api\/)/;

function texts(): Map<string, string> {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"],
    {
      encoding: "utf8",
    },
  );
  const files = listed
    .split("\n")
    .filter((file) => /^(?:(?:src|durable-objects|local|test|bench)\/.*|vitest\.config)\.tsx?$/.test(file));
  return new Map(files.flatMap((file) => readIfThere(file)));
}

/** A file that was deleted and not committed yet is still listed. */
function readIfThere(file: string): [string, string][] {
  try {
    return [[file, readFileSync(file, "utf8")]];
  } catch {
    return [];
  }
}

it("exports no function, constant or class that no other file names", () => {
  const all = texts();
  const users = new Map<string, number>();
  for (const text of all.values())
    for (const name of new Set(text.match(NAME))) users.set(name, (users.get(name) ?? 0) + 1);
  const idle = [...all].flatMap(([file, text]) =>
    USED_BY_OTHERS.test(file)
      ? []
      : [...text.matchAll(EXPORT)]
          .filter(([, name = ""]) => users.get(name) === 1)
          .map(([, name]) => `${file}: ${name}`),
  );
  expect(idle).toEqual([]);
  expect(users.size).toBeGreaterThan(5_000);
});
