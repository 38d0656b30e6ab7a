// evidence.zip when someone else changed the bucket: the ledger records the evidence, and any other R2 object is
// refused by name before the first byte.
import { env } from "cloudflare:workers";
import { strFromU8, unzipSync } from "fflate";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { acted } from "../support/operator-play.ts";
import {
  type Chain,
  chainOf,
  delivered,
  evidence,
  named,
  reportFiles,
  reportOf,
} from "../support/report-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
let prefix = "";
let chain: Chain;
let texts: Record<string, string>;

beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  named(run);
  await delivered(run);
  ({ prefix } = await reportOf(run));
  const files = await reportFiles(run);
  chain = chainOf(files);
  texts = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
});
afterEach(() => vi.restoreAllMocks());

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Forges evidence: every link and the head are recomputed from the forged parts. */
function rechained(parts: { name: string; text: string }[]): Chain {
  let link = "";
  const linked = parts.map(({ name, text }) => {
    link = sha256(link + sha256(text));
    return { name, bytes: new TextEncoder().encode(text).length, sha256: sha256(text), chain: link };
  });
  return { ...chain, head: link, parts: linked };
}

async function refusal(): Promise<string> {
  const response = await evidence(run);
  const body = await response.json<{ code: string; detail: string }>();
  expect([response.status, body.code]).toEqual([409, "report_damaged"]);
  return body.detail;
}

const parts = () => chain.parts.map(({ name }) => ({ name, text: texts[name] ?? "" }));

describe("a forged chain.json", () => {
  it.each<[string, () => unknown, string]>([
    [
      "that names a path",
      () => rechained([{ name: "../../x", text: "x" }, ...parts()]),
      '"head" differs from the ledger',
    ],
    [
      "of rows that the run never had",
      () => rechained(parts().with(0, { ...parts()[0]!, text: "{}\n" })),
      '"head"',
    ],
    ["of fewer parts", () => rechained(parts().slice(1)), '"head"'],
    [
      "of another run",
      () => ({ ...chain, run: "20260101T000000Z_20260101T010000Z_20260102T000000Z" }),
      '"run"',
    ],
    ["of another generation", () => ({ ...chain, generation: 1 }), '"generation"'],
    ["under the right head", () => ({ ...rechained(parts().slice(0, 2)), head: chain.head }), "parts"],
    ["with a path under the right hashes", () => ({ ...chain, parts: chain.parts.with(0, { ...chain.parts[0]!, name: "../../x" }) }), "part 1: its name"], // prettier-ignore
    [
      "with one part twice",
      () => ({ ...chain, parts: chain.parts.with(1, chain.parts[0]!) }),
      "part 2: its name",
    ],
    ["with a member more", () => ({ ...chain, note: 1 }), "other members"],
    ["with a member more in a part", () => ({ ...chain, parts: chain.parts.map((part) => ({ ...part, note: 1 })) }), "part 1: name"], // prettier-ignore
    ["with a longer number of a part", () => ({ ...chain, parts: chain.parts.map((part) => ({ ...part, name: part.name.replace("part-", "part-0") })) }), "part 1: its name"], // prettier-ignore
    ["without names", () => ({ ...chain, parts: chain.parts.map(() => 5) }), "part 1: name"],
    ["that is a list", () => [], '"run"'],
    ["that is null", () => null, "is not the JSON"],
  ])("is refused by name: %s", async (_, forged, detail) => {
    await env.LOGS.put(`${prefix}chain.json`, JSON.stringify(forged()));
    await env.LOGS.put("x", "x");
    expect(await refusal()).toContain(detail);
  });

  it.each([
    ["with a byte order mark", () => `\ufeff${JSON.stringify(chain)}`, "is not the JSON"],
    [
      "with a member twice",
      () => JSON.stringify(chain).replace('"run"', '"run":"x","run"'),
      "is not the JSON",
    ],
    ["cut short", () => JSON.stringify(chain).slice(0, 90), "is not the JSON"],
    ["nested 3,000 deep", () => "[".repeat(3_000) + "]".repeat(3_000), '"run"'],
    ["of megabytes", () => `${JSON.stringify(chain)}${" ".repeat(5_000_000)}`, "longer than any"],
  ])("is refused, and is no error of the Worker: %s", async (_, text, detail) => {
    await env.LOGS.put(`${prefix}chain.json`, text());
    expect(await refusal()).toContain(detail);
  });
});

describe("a part that is not what the run wrote", () => {
  it("is refused by name, also when its length is the same", async () => {
    const [part] = chain.parts.slice(1);
    const name = part?.name ?? "";
    await env.LOGS.put(prefix + name, (texts[name] ?? "").replace('"lines":100', '"lines":101'));
    expect(await refusal()).toContain(`${name} differs from what the run wrote`);
    await env.LOGS.put(prefix + name, "longer".repeat(100_000));
    expect(await refusal()).toContain(`${name} has 600000 bytes`);
    await env.LOGS.delete(prefix + name);
    expect(await refusal()).toContain(`${name} is missing`);
  });

  it("breaks the answer off when it is changed after the check", async () => {
    const response = await evidence(run);
    const name = chain.parts[1]?.name ?? "";
    await env.LOGS.put(prefix + name, (texts[name] ?? "").replace('"lines":100', '"lines":101'));
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow(name);
  });

  it("is blamed on the new generation once the evidence is written again", async () => {
    await env.LOGS.put(`${prefix}chain.json`, "{}");
    await refusal();
    await acted(run, { do: "verify" }, "the report was damaged");
    // Evidence is written again at most once a minute.
    await run.wait(70_000);
    const response = await evidence(run);
    expect(response.status).toBe(200);
    expect(Object.keys(unzipSync(new Uint8Array(await response.arrayBuffer())))).toContain("chain.json");
  });
});
