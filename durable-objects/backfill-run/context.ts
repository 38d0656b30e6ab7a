// What every verb of a run works with: its rows, its memory, the settings of now, and the time of this turn.
import { createHmac } from "node:crypto";
import { checkConfig, type Config } from "../../src/config.ts";
import type { Env } from "../../src/env.ts";
import type { Log } from "../../src/log.ts";
import { misspeltVars, type MisspeltVar } from "../../src/misspelt-vars.ts";
import type { RunSpec } from "./api.ts";
import { answersSuspend, type AnswerState } from "./answers.ts";
import { patternSuspends } from "./answer-pattern.ts";
import { readAnswers } from "./answer-state.ts";
import type { BreakerState } from "./breaker.ts";
import type { ListingState } from "./listing.ts";
import type { SendingMemory } from "./memory.ts";
import type { Hot, Totals } from "./store/totals.ts";
import type { RunRow } from "./store/run-row.ts";
import type { RunStore } from "./store/store.ts";

/** Settings as they are now: they may change during a run, by a deployment. */
export type Settings = ({ ok: true; config: Config } | { ok: false; detail: string }) & {
  /** Names in the environment that look like a var and are none; they have no effect. */
  misspelt: MisspeltVar[];
};

export interface RunContext {
  store: RunStore;
  memory: SendingMemory;
  settings: Settings;
  log: Log;
  now: number;
}

export function settingsOf(env: Env): Settings {
  const checked = checkConfig(env);
  const misspelt = misspeltVars(env);
  if (checked.ok) return { ...checked, misspelt };
  const detail = checked.faults.map((fault) => `${fault.name}: ${fault.detail}`).join("; ");
  return { ok: false, detail, misspelt };
}

/** Which registry this run belongs to. With a bad configuration its name is not known: then the default is asked. */
export function receiverIdOf(settings: Settings): string {
  return settings.ok ? settings.config.receiverId : "ctyun";
}

/** A run that was started: its row, read in this turn. */
export interface StartedRun {
  row: RunRow;
  hot: Hot;
  spec: RunSpec;
  listing: ListingState;
  breaker: BreakerState;
  answers: AnswerState;
}

export interface Pause {
  code: string;
  detail: string;
  park: boolean;
}

/** Null before `start`. */
export function started(context: RunContext): StartedRun | null {
  const row = context.store.run.read();
  if (!row) return null;
  const hot = context.store.totals.hot();
  return {
    row,
    spec: context.store.run.spec(row),
    listing: JSON.parse(row.listing_json) as ListingState,
    hot,
    breaker: JSON.parse(hot.breaker_json) as BreakerState,
    answers: readAnswers(hot.answers_json),
  };
}

/** Codes that an operator accepted, each with what was shown when he did: what comes later is shown again. */
export function acceptedOf(row: RunRow): Record<string, { note: string; seen: string }> {
  return JSON.parse(row.accepted_json) as Record<string, { note: string; seen: string }>;
}

export function pauseOf(row: RunRow): Pause | null {
  return row.pause_json === null ? null : (JSON.parse(row.pause_json) as Pause);
}

/** While the first batches are out as a canary, and until an operator has looked at what came of them. */
export function canaryOf(
  context: RunContext,
  run: StartedRun,
  t: Totals,
): { left: number; untried: number; pause: Pause | null } | null {
  const { canary } = run.spec;
  if (canary === null || "canary" in acceptedOf(run.row)) return null;
  // a batch may be held before its first attempt: that one went nowhere
  const held = context.store.batches.tried("held", canary + 1);
  const ended = t.batches_done + t.batches_refused + held + t.batches_failed + t.batches_split;
  const detail = `the first ${canary} batches went out (${t.batches_done} done); resume sends the rest`;
  const isOver = ended >= canary && t.batches_leased === 0;
  const left = canary - ended - t.batches_leased;
  return {
    left,
    // a canary that is tried again is still the same one
    untried: left - context.store.batches.tried("pending", canary),
    pause: isOver ? { code: "canary", detail, park: false } : null,
  };
}

/** Endpoint and URI as this run knows them: keyed per run, so that it tells nothing to anyone else. */
export function receiverPrint(row: RunRow, endpoint: string, uri: string): string {
  return createHmac("sha256", row.receiver_key).update(`${endpoint}\n${uri}`).digest("hex");
}

/** Outside conditions that suspend a run and end by themselves: the first that applies. */
export function suspension(run: StartedRun, settings: Settings): { code: string; detail: string } | null {
  if (!settings.ok) return { code: "bad_configuration", detail: settings.detail };
  const { config } = settings;
  if (!config.enabled) {
    return { code: "disabled", detail: 'BACKFILL_ENABLED is not "true"; the run goes on when it is' };
  }
  if (!config.receiver) {
    return {
      code: "receiver_not_configured",
      detail: `secrets are missing: ${config.missingSecrets.join(", ")}`,
    };
  }
  const { spellings } = config.receiver;
  const frozen = run.row.receiver_print;
  if (
    frozen !== null &&
    !spellings.some(([endpoint, uri]) => receiverPrint(run.row, endpoint, uri) === frozen)
  ) {
    return {
      code: "receiver_changed",
      detail: "CTYUN_ENDPOINT or CTYUN_URI_EDGE differ from those of this run's first delivery; restore them",
    };
  }
  const asks =
    patternSuspends(run.answers, config.successPattern?.print ?? "") ?? answersSuspend(run.answers);
  if (asks) return asks;
  return run.breaker.open ? { code: run.breaker.open.code, detail: run.breaker.open.detail } : null;
}
