// The commands of the page about read-only access, as they are written on the page: the value that they make must
// be a valid API_TOKENS.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readConfig } from "../../../src/platform/config.ts";
import { document } from "./markdown.ts";

function hash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

it("makes a list with a viewer's token and a token for metrics", () => {
  const [, script = ""] = /```sh\n([\s\S]*?)```/.exec(document("docs/runbook/read-only-access.md")) ?? [];
  const [commands = "", last = ""] = script.split(/^(?=npx wrangler)/m);
  expect(last.trim()).toBe("npx wrangler secret put API_TOKENS < tokens.json");
  const cwd = mkdtempSync(join(tmpdir(), "tokens-"));
  const printed = execFileSync("sh", ["-c", `${commands}\necho "$VIEWER $METRICS"`], {
    cwd,
    encoding: "utf8",
  });
  const [viewer = "", metrics = ""] = printed.trim().split(" ");
  expect(viewer).toMatch(/^[\w-]{43}$/);
  expect(readConfig({ API_TOKENS: readFileSync(join(cwd, "tokens.json"), "utf8") }).apiTokens).toEqual([
    { name: "viewer", role: "viewer", sha256: hash(viewer) },
    { name: "prometheus", role: "metrics", sha256: hash(metrics) },
  ]);
});
