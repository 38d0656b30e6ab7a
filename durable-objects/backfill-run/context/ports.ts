// The interfaces through which a run's clock reaches everything outside its Durable Object: R2, queues and
// registry. The steps of the clock use R2, queues and the registry only through these interfaces.
import type { Env } from "../../../src/platform/env.ts";
import { parseMessage, sendMessage } from "../../../src/contract/messages.ts";
import { countedBucket } from "../../../src/platform/counted-bucket.ts";
import { notifierObject, registryObject, runObject } from "../../../src/platform/objects.ts";
import type { RegistryApi } from "../../../src/contract/windows.ts";
import { receiverIdFor } from "./settings.ts";
import { receiverOf } from "../../../src/contract/run-id.ts";
import type { R2Operations } from "../../../src/contract/work.ts";
import type { RunNotice } from "../../../src/contract/notices.ts";
import type { RunReport, SlotAnswer } from "../../../src/contract/registry.ts";
import type { InheritCursor, InheritedPage, PlannedAnswer } from "../../../src/contract/run.ts";
import type { LiveDetail } from "../../../src/contract/live.ts";
import { listPages, patientLists } from "../../../src/listing/list-pages.ts";
import { listMarkers, type ListedMarker } from "../../../src/platform/live-markers.ts";
import type { ListPage } from "../../../src/listing/list-tasks.ts";

export interface Ports {
  list: ListPage;
  /** The live worker's markers of one raw file. */
  markers(livePrefix: string, rawKey: string): Promise<ListedMarker[]>;
  /** Null: the R2 object is gone. */
  liveDetail(key: string): Promise<LiveDetail | null>;
  enqueue(runId: string, file: number): Promise<void>;
  wakeSenders(runId: string, wakeUps: number): Promise<void>;
  /** Keys below `prefix`, at most as many as one delete takes. */
  ownKeys(prefix: string): Promise<string[]>;
  deleteKeys(keys: string[]): Promise<void>;
  abortUpload(key: string, uploadId: string): Promise<void>;
  report(report: RunReport): Promise<void>;
  /** Hands a notice to the Notifier, which ignores a repeated one. */
  notify(notice: RunNotice): Promise<void>;
  inheritance(runId: string, after: InheritCursor): Promise<InheritedPage>;
  /** Writes one part of the run's evidence. */
  putReport(key: string, body: string): Promise<void>;
  /** The run that may be sending to the receiver of the dry run `runId` now. The dry run waits for it. Null: no run is
   * sending. */
  sendingRun(runId: string): Promise<string | null>;
  /** The planned R2 objects of the dry run `runId` after this key. */
  planned(runId: string, after: string): Promise<Extract<PlannedAnswer, { ok: true }>>;
  acquireSlot(runId: string): Promise<SlotAnswer>;
  releaseSlot(runId: string, fence: number, lastPermitEnd: number, sentSomething: boolean): Promise<void>;
}

/** The most keys that R2 deletes at once. */
const DELETE_MAX = 1_000;

/** The registry of the run `runId`. The id of a run decides which registry the run belongs to. */
export function registryOfRun(env: Env, runId: string): RegistryApi {
  return registryObject(env, receiverIdFor(env), receiverOf(runId));
}

/** Adds the operations of R2 to `r2`. */
export function livePorts(env: Env, r2: R2Operations, now: () => number): Ports {
  const bucket = countedBucket(env.LOGS, r2);
  const lists = patientLists(bucket, now);
  const registryOf = (runId: string) => registryOfRun(env, runId);
  return {
    list: listPages(lists),
    markers: (livePrefix, rawKey) => listMarkers(lists, livePrefix, rawKey),
    async liveDetail(key) {
      const object = await bucket.get(key);
      return object === null ? null : object.json<LiveDetail>();
    },
    async enqueue(runId, file) {
      await env.PARSE_QUEUE.send(parseMessage(runId, file));
    },
    async wakeSenders(runId, wakeUps) {
      await env.SEND_QUEUE.sendBatch(Array.from({ length: wakeUps }, () => ({ body: sendMessage(runId) })));
    },
    async ownKeys(prefix) {
      const page = await bucket.list({ prefix, limit: DELETE_MAX });
      return page.objects.map((object) => object.key);
    },
    async deleteKeys(keys) {
      await bucket.delete(keys);
    },
    async abortUpload(key, uploadId) {
      try {
        await bucket.resumeMultipartUpload(key, uploadId).abort();
      } catch (error) {
        // These errors mean that the upload was completed or aborted before. There is nothing left to abort.
        if (!/10024|does not exist|no such upload/i.test(String(error))) throw error;
      }
    },
    async report(report) {
      await registryOf(report.runId).report(report);
    },
    async notify(notice) {
      await notifierObject(env).accept(notice);
    },
    async inheritance(runId, after) {
      const page = await runObject(env, runId).inheritance(after);
      if (!page.ok) throw new Error(page.detail);
      return page;
    },
    async putReport(key, body) {
      await bucket.put(key, body);
    },
    async sendingRun(runId) {
      return registryOf(runId).sendingRun();
    },
    async planned(runId, after) {
      const page = await runObject(env, runId).planned(after);
      if (!page.ok) throw new Error(page.detail);
      return page;
    },
    async acquireSlot(runId) {
      return registryOf(runId).acquire(runId);
    },
    async releaseSlot(runId, fence, lastPermitEnd, sentSomething) {
      await registryOf(runId).release(runId, fence, lastPermitEnd, sentSomething);
    },
  };
}
