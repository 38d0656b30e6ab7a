// Two runs over one window at the same time, to the partner and to a receiver of RECEIVERS. A kill -9 ends the stack in
// the middle of both. Each receiver must get every line, and each run must prove it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare, tableOf } from "../../local/demo/compare.ts";
import type { RunSummary } from "../../src/contract/registry.ts";
import { checkEvidenceZip } from "../support/chaos-evidence.ts";
import { DELIVERY_LIMIT_MS, WINDOW, expectedRayIds, startStack } from "../support/stack.ts";
import { VENDORS, documentedReceiver } from "../support/vendor-receivers.ts";
import { VendorServer } from "../support/vendor-server.ts";

const DOCUMENT = join(import.meta.dirname, "../../docs/reference/receivers.md");
const CAP = 1_000;

test("sends one window to two receivers at once through a kill -9, each line once and with its own proof", async (context) => {
  const vendor = VENDORS.ClickHouse();
  const server = new VendorServer(vendor);
  await server.start();
  context.onTestFinished(() => server.stop());
  const settings = JSON.parse(documentedReceiver(await readFile(DOCUMENT, "utf8"), "ClickHouse", server.url));
  const stack = await startStack({
    logs: { files: 2, lines: [12_000, 8_000] },
    // Slow until the kill, so that the kill hits both runs. The local queue may start the senders of the second run some
    // seconds later.
    receiver: { behaviour: { latency_ms: [3_000, 4_000] } },
    vars: { RECEIVERS: JSON.stringify({ lake: { ...settings, max_lines_per_second: CAP } }) },
  });
  const { receiver, files } = stack;
  const request = { ...WINDOW, batch_size: 200 };
  const [first, other] = await Promise.all([
    stack.api.startRun({ ...request, max_in_flight: 6 }),
    stack.api.startRun({ ...request, receiver: "lake" }),
  ]);
  expect([first.receiver, other.receiver]).toEqual(["default", "lake"]);
  expect(other.id).toMatch(/_lake$/);
  await expect.poll(() => Math.min(server.requests, receiver.stats().accepted_requests), { timeout: 60_000, interval: 20 }).toBeGreaterThan(3); // prettier-ignore
  await stack.dev.killGroup();
  const expected = [...expectedRayIds(files).keys()];
  expect(vendor.stored.size).toBeLessThan(expected.length);
  expect(receiver.stats().lines_accepted).toBeLessThan(expected.length);

  receiver.book.change({ latency_ms: [20, 50] });
  const { api, operator } = await stack.restart();
  const [partner, lake] = await Promise.all(
    [first, other].map(({ id }) => api.waitUntilDelivered(id, 2 * DELIVERY_LIMIT_MS)),
  );
  if (!partner || !lake) throw new Error("a status is missing");

  const comparison = compare(files, partner, { stats: receiver.stats(), rayIds: receiver.tally.rayIds });
  expect(comparison.agrees, tableOf(comparison)).toBe(true);
  expect(receiver.stats().duplicate_lines).toBeLessThanOrEqual(
    partner.duplicate_lines + partner.possible_duplicate_lines,
  );
  // ClickHouse remembers the tokens of its inserts, so no line is there twice.
  expect([...vendor.stored.keys()].toSorted()).toEqual(expected.toSorted());
  expect([...vendor.stored.values()].every((count) => count === 1)).toBe(true);

  expect(lake.limits.max_lines_per_second).toBe(CAP);
  expect(lake.rate.granted_peak_lines_per_second).toBeLessThanOrEqual(CAP);
  expect(partner.limits.max_lines_per_second).toBe(100_000);
  expect(partner.rate.granted_peak_lines_per_second).toBeGreaterThan(CAP);

  const { body } = await operator.call<{ items: RunSummary[] }>("GET", "/runs");
  expect(new Map(body.items.map(({ id, receiver: name }) => [id, name]))).toEqual(
    new Map([[first.id, "default"], [other.id, "lake"]]),
  ); // prettier-ignore
  expect(body.items).toHaveLength(2);
  const prefixes: (string | null)[] = [];
  for (const { id } of [first, other]) {
    await expect.poll(async () => (await api.status(id)).report.complete, { timeout: 30_000 }).toBe(true);
    expect(await checkEvidenceZip(operator, id, stack.dir)).toEqual([]);
    prefixes.push((await api.status(id)).report.prefix);
  }
  expect(prefixes.map((prefix) => prefix?.split("/")[1])).toEqual([first.id, other.id]);
});
