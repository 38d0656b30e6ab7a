// Tests when a start may use what an earlier start made.
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keptOnDisk } from "../../../local/dev/disk-cache.ts";
import { workerParts } from "../../../local/dev/worker-parts.ts";

let dir = "";
let source = "";
let made = 0;
const OLD = new Date(Date.now() - 60_000);

async function put(text: string): Promise<void> {
  await writeFile(source, text);
  await utimes(source, OLD, OLD);
}

function value(): Promise<number> {
  return keptOnDisk("value", async () => ({ value: (made += 1), files: [source] }), join(dir, "kept"));
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "backfill-kept-"));
  source = join(dir, "source.ts");
  made = 0;
  await put("one");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it("keeps the value while its files are the same", async () => {
  expect([await value(), await value()]).toEqual([1, 1]);
});

it.each<[string, () => Promise<unknown>]>([
  ["a file has another size", () => put("another")],
  ["a file of the same size is newer", () => utimes(source, new Date(), new Date(Date.now() - 1_000))],
  ["the kept text is cut off", () => writeFile(join(dir, "kept/value.json"), '{"value": 1, "fi')],
])("makes the value again when %s", async (_what, change) => {
  await value();
  await change();
  expect(await value()).toBe(2);
});

it("does not keep a value whose file may still change within the same millisecond", async () => {
  await utimes(source, new Date(), new Date(Date.now() + 60_000));
  expect([await value(), await value()]).toEqual([1, 2]);
});

it("makes the value when its folder cannot be written", async () => {
  await writeFile(join(dir, "kept"), "a file, no folder");
  expect([await value(), await value()]).toEqual([1, 2]);
});

it("reads a Worker's configuration, and no value of .dev.vars", async () => {
  const config = join(dir, "wrangler.toml");
  await writeFile(
    config,
    'name = "one"\nmain = "source.ts"\ncompatibility_date = "2026-10-01"\n[vars]\nA = "a"\n' +
      '[[r2_buckets]]\nbinding = "LOGS"\nbucket_name = "logs"\n',
  );
  await put('export default { fetch: (): Response => new Response("text") };');
  await writeFile(join(dir, ".dev.vars"), "SECRET=hidden\n");

  const parts = await workerParts(config);

  expect(parts).toMatchObject({ main: source, vars: { A: "a" }, logsBucket: "logs" });
  expect(parts.options).toMatchObject({ name: "one", bindings: {} });
  expect(parts.code).toContain('new Response("text")');
  expect(JSON.stringify(parts)).not.toContain("hidden");
});
