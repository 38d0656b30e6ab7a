// GET /doctor inside the runtime: it reads the bucket, asks the receiver without a line, and shows no secret.
import { gzipSync } from "node:zlib";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as v from "valibot";
import { DoctorAnswer } from "../../src/contract/api/doctor.ts";
import { markerPrefix } from "../../src/contract/live.ts";
import { ApiUnderTest, type Ask } from "../support/api-under-test.ts";

const api = new ApiUnderTest();
const PLANTED = "planted-secret";
let asked: { method: string; url: string; body: string }[] = [];
let receiverStatus = 405;

beforeEach(() => {
  api.setUp();
  asked = [];
  receiverStatus = 405;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    asked.push({ method: request.method, url: request.url, body: await request.clone().text() });
    return new Response(null, { status: receiverStatus });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  api.tearDown();
});

async function doctor(path = "/doctor", ask: Ask = {}): Promise<{ answer: DoctorAnswer; text: string }> {
  const { status, json, text } = await api.ask(path, ask);
  expect(status, text).toBe(200);
  return { answer: v.parse(DoctorAnswer, json), text };
}

function outcomes({ lines }: DoctorAnswer): Record<string, string> {
  return Object.fromEntries(lines.map(({ check, outcome }) => [check, outcome]));
}

/** Puts a file with `count` records below the prefix. Every other record is a top-level request (`ParentRayID` "00"). */
async function putFile(prefix: string, count: number, over: object = {}): Promise<string> {
  const key = `${prefix}20260422/20260422T140000Z_20260422T140500Z_${count}.log.gz`;
  const records = Array.from({ length: count }, (_, n) =>
    JSON.stringify({
      RayID: `${PLANTED}${n}`,
      ParentRayID: n % 2 === 0 ? "00" : "8a",
      EdgeStartTimestamp: "2026-04-22T14:01:00Z",
      ...over,
    }),
  );
  await env.LOGS.put(key, gzipSync(`${records.join("\n")}\n`));
  return key;
}

describe("GET /doctor", () => {
  it("asks every receiver of RECEIVERS once, without a line, and shows names but no address", async () => {
    const siem = { url: `https://siem.example/in?key=${PLANTED}` };
    const account = { kind: "ctyun", endpoint: "https://b.example", uri: "/in", private_key: PLANTED };
    const copy = { ...siem, headers: { Authorization: PLANTED } };
    const RECEIVERS = JSON.stringify({ siem, account, copy });
    const { answer, text } = await doctor("/doctor", { env: { RECEIVERS } });
    const heads = asked.filter(({ method }) => method === "HEAD").map(({ url }) => new URL(url).host);
    expect(heads.toSorted()).toEqual(["b.example", "receiver.test", "siem.example", "siem.example"]);
    const details = answer.lines.filter(({ check }) => check === "receiver").map(({ detail }) => detail);
    expect(details).toEqual(["", "siem: ", "account: ", "copy: "].map((name) => `${name}HEAD was answered with 405`)); // prettier-ignore
    expect(answer.lines).toContainEqual(
      expect.objectContaining({
        check: "receivers",
        level: "warning",
        detail: "siem and copy have the same address",
      }),
    );
    expect(text).not.toContain(PLANTED);
    expect(text).not.toContain("siem.example");
  });

  it("reads names, records, timestamps, parents and markers", async () => {
    const key = await putFile("doctor-a/", 250);
    for (const index of [0, 1, 2])
      await env.LOGS.put(`${markerPrefix("doctor-live/", key)}${index}.txt.done`, "1");
    const { answer, text } = await doctor("/doctor", {
      env: { LOG_PREFIX: "doctor-a/", LIVE_PREFIX: "doctor-live/", LIVE_BATCH_SIZE: "100" },
    });
    expect(outcomes(answer)).toMatchObject({
      vars: "usable",
      bucket: "readable",
      logs: "found",
      records: "readable",
      timestamps: "one_form",
      parent_ray_id: "usual",
      live_markers: "seen",
      live_batch_size: "fits",
      objects: "answer",
      receiver: "answers",
      signature: "not_asked",
    });
    expect(text).toContain("250 records");
    expect(text).not.toContain(PLANTED);
    expect(asked.map(({ method, body }) => [method, body])).toEqual([["HEAD", ""]]);
  });

  it("finds a size that the markers contradict, and names those that fit", async () => {
    const key = await putFile("doctor-b/", 250);
    for (const index of [0, 1, 2])
      await env.LOGS.put(`${markerPrefix("doctor-live/", key)}${index}.txt.done`, "1");
    const { answer } = await doctor("/doctor", {
      env: { LOG_PREFIX: "doctor-b/", LIVE_PREFIX: "doctor-live/", LIVE_BATCH_SIZE: "200" },
    });
    const line = answer.lines.find(({ check }) => check === "live_batch_size");
    expect(line).toMatchObject({ outcome: "contradicted", detail: "200 is too large; sizes that fit: 100" });
  });

  it("reads no more than the first records of a file without markers", async () => {
    await putFile("doctor-c/", 500, { EdgeStartTimestamp: 1_776_866_400, ParentRayID: "0000" });
    const { answer } = await doctor("/doctor", { env: { LOG_PREFIX: "doctor-c/", LIVE_PREFIX: "none/" } });
    expect(outcomes(answer)).toMatchObject({ parent_ray_id: "other_zeros", live_markers: "none" });
    expect(answer.lines.find(({ check }) => check === "timestamps")?.detail).toBe("seconds 200");
  });

  it("finds an empty prefix, and names without a time", async () => {
    const empty = await doctor("/doctor", { env: { LOG_PREFIX: "doctor-nothing/" } });
    expect(outcomes(empty.answer)).toMatchObject({
      logs: "empty",
      records: "not_looked_at",
      bucket_clock: "unknown",
    });
    expect(empty.answer.worst).toBe("fault");
    await env.LOGS.put("doctor-d/readme.txt", "x");
    const unnamed = await doctor("/doctor", { env: { LOG_PREFIX: "doctor-d/" } });
    expect(outcomes(unnamed.answer)).toMatchObject({ logs: "unnamed", records: "not_looked_at" });
  });

  it("sends a signed POST without a line only when asked, and never shows the signature", async () => {
    receiverStatus = 403;
    const { answer, text } = await doctor("/doctor?signed_empty=true");
    expect(outcomes(answer)).toMatchObject({ receiver: "answers", signature: "refused" });
    const post = asked.find(({ method }) => method === "POST");
    const signature = /auth_key=(\S+)/.exec(post?.url ?? "")?.[1] ?? "none";
    expect(signature).toMatch(/^\d+-\d+-[0-9a-f]{32}$/);
    expect(text).not.toContain(signature);
    expect(text).not.toContain("receiver.test");
  });

  it("finds a receiver that is not reached", async () => {
    vi.mocked(globalThis.fetch).mockRejectedValue(new Error(`connect ${PLANTED}`));
    const { answer, text } = await doctor();
    expect(outcomes(answer)).toMatchObject({ receiver: "silent", receiver_clock: "unknown" });
    expect(text).not.toContain(PLANTED);
  });

  it("answers with the bad vars while the configuration cannot be used", async () => {
    const { answer, text } = await doctor("/doctor", { env: { BATCH_SIZE: PLANTED } });
    expect(answer.lines).toMatchObject([{ check: "vars", outcome: "invalid" }]);
    expect(answer.lines[0]?.detail).toContain("BATCH_SIZE");
    expect(text).not.toContain(PLANTED);
  });

  it("refuses other parameters and other values", async () => {
    for (const query of ["?all=true", "?signed_empty=1"]) {
      expect(await api.ask(`/doctor${query}`)).toMatchObject({
        status: 422,
        json: { code: "invalid_query" },
      });
    }
    expect(asked).toEqual([]);
  });
});
