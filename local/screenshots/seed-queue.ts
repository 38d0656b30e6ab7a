// Fills a paused queue with windows in several states: waiting with and without an earliest start, a series, blocked,
// cancelled.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** `endMs`: the end of the logs. `hole`: a window that a run has sent. Epoch ms. */
export async function seedQueue(
  api: { url: string; token: string },
  { endMs, hole }: { endMs: number; hole: { startMs: number; endMs: number } },
): Promise<void> {
  const call = async (method: string, path: string, body: unknown): Promise<void> => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${api.token}`,
        "Content-Type": "application/json",
        "X-Actor": "li.wei",
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  };
  const window = (startMs: number, minutes: number) => ({
    start: iso(startMs),
    end: iso(startMs + minutes * MINUTE_MS),
    end_exclusive: true,
  });
  await call("POST", "/windows/pause", { note: "the partner works on its receiver" });
  await call("POST", "/windows", {
    windows: [window(endMs - 8 * HOUR_MS, 30)],
    reason: "the partner asked for this half hour",
    priority: 10,
  });
  await call("POST", "/windows", {
    windows: [window(endMs - 12 * HOUR_MS, 60), window(endMs - 15 * HOUR_MS, 120)],
    reason: "nights of week 17",
  });
  await call("POST", "/windows", {
    windows: [window(endMs - 20 * HOUR_MS, 60)],
    reason: "in the quiet hours",
    not_before: iso(endMs + 24 * HOUR_MS),
  });
  await call("POST", "/windows", {
    windows: [window(hole.startMs - 20 * MINUTE_MS, 40)],
    reason: "asked for twice",
  });
  await call("POST", "/windows", { windows: [window(endMs - 30 * HOUR_MS, 60)], reason: "by mistake" });
  await call("DELETE", "/windows/6", { note: "the wrong day" });
  // This window is queued last, because it covers all other windows.
  await call("POST", "/windows", {
    days: 7,
    chunk: "24h",
    reason: "the last week",
    skip_sent: true,
    options: { live: "ignore" },
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
