// The cap, measured at the receiver: no window of one second contains more lines than the cap allows.
import { expect, test } from "vitest";
import { DELIVERY_LIMIT_MS, startStack, WINDOW } from "../support/stack.ts";

const CAP = 5_000;

test("never sends more than MAX_LINES_PER_SECOND in any second, retries included", async () => {
  const { api, receiver, files } = await startStack({
    logs: { files: 3, lines: 9_000 },
    // Added to the jitter, because a shared machine may notice an arrival late.
    vars: { MAX_LINES_PER_SECOND: String(CAP), PACE_JITTER_MS: "200" },
    receiver: { behaviour: { rules: [{ do: "status", status: 503, times: 3 }] } },
  });

  const run = await api.startRun({ ...WINDOW, batch_size: 400 });
  const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

  const {
    peak_lines_per_second: peak,
    lines_received: received,
    lines_accepted: accepted,
  } = receiver.stats();
  const kept = files.reduce((sum, file) => sum + file.kept, 0);
  expect([status.log_lines_sent, accepted]).toEqual([kept, kept]);
  expect(received).toBeGreaterThan(accepted);
  expect(peak.by_headers).toBeLessThanOrEqual(CAP);
  expect(peak.by_body).toBeLessThanOrEqual(CAP);
  // The run must also use its cap. A run that sends far too slowly would pass the checks above.
  expect(peak.by_headers).toBeGreaterThan(CAP / 2);
});
