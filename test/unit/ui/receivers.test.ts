// Tests what the page asks for another receiver than the first. test/unit/docs/page-receivers.test.ts compares the requests
// with the API.
import { describe, expect, it } from "vitest";
import { FIRST_RECEIVER as FIRST_OF_CONTRACT } from "../../../src/contract/receivers.ts";
import { queuePaths } from "../../../src/ui/api/queue-paths.ts";
import { commandOf } from "../../../src/ui/pages/new/equivalents.ts";
import {
  bodyOf,
  formOf,
  queryOf,
  queueOptionsOf,
  sentForm,
  settingsOf,
} from "../../../src/ui/pages/new/run-form.ts";
import { emptyForm, requestOf, sentForm as sentWindows } from "../../../src/ui/pages/queue/add-request.ts";
import { queueAddress, windowAddress } from "../../../src/ui/parts/links.tsx";
import { FIRST_RECEIVER, receiverOfQuery } from "../../../src/ui/state/receiver-names.ts";

const WINDOW = "start=2026-04-22T14:00:00Z&end=2026-04-22T15:00:00Z&end_exclusive=true";

function formOfQuery(query: string) {
  return formOf(new URLSearchParams(query));
}

describe("the form of a new run", () => {
  const typed = formOfQuery(`${WINDOW}&receiver=siem&live=skip_delivered&live_batch_size=500`);

  it("asks another receiver for all lines", () => {
    const body = bodyOf(sentForm(typed));
    expect(body).toEqual({
      receiver: "siem",
      start: "2026-04-22T14:00:00Z",
      end: "2026-04-22T15:00:00Z",
      end_exclusive: true,
    });
    expect(queryOf(sentForm(typed))).toMatchObject({ receiver: "siem", live: null });
  });

  it("skips again what the live worker delivered when the person chooses the first receiver again", () => {
    expect(bodyOf(sentForm({ ...typed, receiver: "" }))).toMatchObject({
      live: "skip_delivered",
      live_batch_size: 500,
    });
  });

  it("names no receiver for the first one", () => {
    expect(FIRST_RECEIVER).toBe(FIRST_OF_CONTRACT);
    for (const query of [WINDOW, `${WINDOW}&receiver=`, `${WINDOW}&receiver=${FIRST_RECEIVER}`])
      expect(bodyOf(sentForm(formOfQuery(query)))).not.toHaveProperty("receiver");
  });

  it("passes the receiver on to the queue and to the command for a terminal, and a plan has its own", () => {
    const body = bodyOf(sentForm(typed));
    expect(queueOptionsOf(body)).toEqual({ receiver: "siem" });
    expect(commandOf(body)).toContain(" --receiver siem --start ");
    expect(bodyOf({ ...typed, from_plan: "p" }, "h")).not.toHaveProperty("receiver");
    expect(settingsOf(typed)).not.toHaveProperty("receiver");
  });
});

describe("the form for the queue", () => {
  it("begins with the receiver of the address, and asks for all lines of its windows", () => {
    const form = sentWindows({ ...emptyForm("receiver=siem&from=1&until=2"), reason: "night" });
    const windows = [
      { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", end_exclusive: true as const },
    ];
    const body = requestOf(form, windows);
    expect(body).toEqual({
      windows,
      reason: "night",
      skip_sent: true,
      options: { receiver: "siem", on_uncertain: "hold" },
    });
  });

  it("keeps the holes and the live option for the first receiver", () => {
    const form = emptyForm("receiver=siem&from=1&until=2");
    expect(requestOf(sentWindows({ ...form, receiver: null }), [])).toMatchObject({
      from_coverage: { start: "1", end: "2" },
      options: { live: "skip_delivered" },
    });
  });
});

describe("the number of a window", () => {
  it("has the receiver of its queue in each address and each path", () => {
    expect([windowAddress(3, "siem"), windowAddress(3, "default"), windowAddress(3, null)]).toEqual([
      "/ui/queue?receiver=siem&window=3",
      "/ui/queue?window=3",
      "/ui/queue?window=3",
    ]);
    expect([queueAddress("siem", "/add"), queueAddress("default")]).toEqual([
      "/ui/queue/add?receiver=siem",
      "/ui/queue",
    ]);
    expect([receiverOfQuery("receiver=siem&window=3"), receiverOfQuery("window=3")]).toEqual(["siem", null]);
    const ofSiem = [
      queuePaths.window(3, "siem"),
      queuePaths.move(3, "siem"),
      queuePaths.pause("siem"),
      queuePaths.resume("siem"),
    ];
    for (const path of ofSiem) expect(path).toMatch(/\?receiver=siem$/);
    expect(queuePaths.pause(null)).toBe("/windows/pause");
  });
});
