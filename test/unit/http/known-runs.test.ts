import { expect, it, vi } from "vitest";
import { isListed } from "../../../src/http/known-runs.ts";

it("asks the registry once about a listed run, and about an unknown run each time", async () => {
  const knows = vi
    .fn<(runId: string) => Promise<boolean>>()
    .mockResolvedValueOnce(false)
    .mockResolvedValue(true);
  const asking = { registry: { knows }, config: { receiverId: "a" } };
  expect(await isListed("run", asking)).toBe(false);
  expect(await isListed("run", asking)).toBe(true);
  expect(await isListed("run", asking)).toBe(true);
  expect(knows).toHaveBeenCalledTimes(2);
});

it("asks each receiver's registry", async () => {
  const knows = vi
    .fn<(runId: string) => Promise<boolean>>()
    .mockResolvedValueOnce(true)
    .mockResolvedValue(false);
  expect(await isListed("other", { registry: { knows }, config: { receiverId: "a" } })).toBe(true);
  expect(await isListed("other", { registry: { knows }, config: { receiverId: "b" } })).toBe(false);
});

it("asks again after a thousand other runs, so that the memory is bounded", async () => {
  const knows = vi.fn<(runId: string) => Promise<boolean>>().mockResolvedValue(true);
  const asking = { registry: { knows }, config: { receiverId: "many" } };
  for (let n = 0; n <= 1_000; n += 1) await isListed(`run ${n}`, asking);
  knows.mockClear();
  await isListed("run 0", asking);
  expect(knows).toHaveBeenCalledTimes(1);
});
