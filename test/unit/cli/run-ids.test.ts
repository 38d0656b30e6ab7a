// Which run the argument RUN means, when the deployment has several receivers.
import { expect, it } from "vitest";
import { byPrefix, isPrefix, onlyActive } from "../../../src/cli/api/run-ids.ts";

const FIRST = "20260422T140000Z_20260422T150000Z_20260423T010203Z";
const SIEM = `${FIRST}_siem`;

it("takes the beginning of an id, also with a part of the receiver's name", () => {
  expect(["20260422", FIRST, `${FIRST}_`, `${FIRST}_si`, SIEM].map(isPrefix)).toEqual(
    Array.from({ length: 5 }, () => true),
  );
  expect(["2026042", "siem-runs", `${SIEM}_x`, "20260422/..", `${FIRST} `].filter(isPrefix)).toEqual([]);
});

it("does not choose between runs of two receivers", () => {
  expect(byPrefix([FIRST, SIEM], "20260422")).toMatchObject({ ok: false });
  expect(byPrefix([FIRST, SIEM], `${FIRST}_s`)).toEqual({ ok: true, id: SIEM });
});

it("refuses the word active when each of two receivers has an active run, and names both", () => {
  expect(onlyActive([])).toEqual({ ok: false, detail: "no run is active" });
  expect(onlyActive([SIEM])).toEqual({ ok: true, id: SIEM });
  expect(onlyActive([FIRST, SIEM])).toEqual({
    ok: false,
    detail: `2 runs are active; name one:\n  ${FIRST}\n  ${SIEM}`,
  });
});
