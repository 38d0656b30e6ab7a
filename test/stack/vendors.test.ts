// Runs to receivers of the kind http through the whole stack, with the documented configurations: a tenth of the
// requests fails, and a kill -9 ends the stack in the middle of the run. Every record must be stored, and once
// where the receiver dedupes. By default only ClickHouse and Splunk HEC are tested. With TEST_ALL_RECEIVERS=1 the
// other receivers are tested too. Each of these behaves like ClickHouse or like Splunk HEC.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "vitest";
import { DELIVERY_LIMIT_MS, WINDOW, expectedRayIds, startStack } from "../support/stack.ts";
import { VENDORS, documentedReceiver, type VendorName } from "../support/vendor-receivers.ts";
import { VendorServer } from "../support/vendor-server.ts";

const DOCUMENT = join(import.meta.dirname, "../../docs/reference/receivers.md");
/** One receiver that dedupes, and one that does not. */
const ALWAYS: readonly VendorName[] = ["ClickHouse", "Splunk HEC"];
const NAMES =
  process.env["TEST_ALL_RECEIVERS"] === undefined ? ALWAYS : (Object.keys(VENDORS) as VendorName[]);

describe.concurrent("a run to a receiver of the kind http", () => {
  test.for(NAMES)("stores every record through failures and a kill -9: %s", async (name, context) => {
    const { expect } = context;
    const vendor = VENDORS[name]();
    const server = new VendorServer(vendor);
    await server.start();
    context.onTestFinished(() => server.stop());
    const document = await readFile(DOCUMENT, "utf8");
    const stack = await startStack({
      logs: { files: 2, lines: [6_000, 4_000] },
      vars: { RECEIVER: documentedReceiver(document, name, server.url) },
      scope: context,
    });
    const run = await stack.api.startRun({ ...WINDOW, batch_size: 200 });
    await expect.poll(() => server.requests, { timeout: 30_000, interval: 20 }).toBeGreaterThan(8);
    await stack.dev.killGroup();
    const expected = [...expectedRayIds(stack.files).keys()];
    expect(vendor.stored.size).toBeLessThan(expected.length);
    const { api } = await stack.restart();
    const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
    expect([...vendor.stored.keys()].toSorted()).toEqual(expected.toSorted());
    const stored = [...vendor.stored.values()].reduce((sum, count) => sum + count, 0);
    const twice = stored - expected.length;
    const named = status.duplicate_lines + status.possible_duplicate_lines;
    expect(twice).toBeGreaterThanOrEqual(0);
    if (vendor.dedupes) expect(twice).toBe(0);
    if (vendor.dedupes && !vendor.answersInPart) expect(named).toBe(0);
    if (!vendor.dedupes) expect(twice).toBeLessThanOrEqual(named);
  });
});
