// The answer of every verb that needs a run, when `start` never reached this Durable Object. Does no I/O.
import type { Refused } from "../../../src/contract/states.ts";

export const UNKNOWN_RUN: Refused<"unknown_run"> = {
  ok: false,
  code: "unknown_run",
  detail: "this run was never started",
};
