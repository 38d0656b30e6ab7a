// Checks whether everything outside of this Worker answers: the receiver, the keys of the team in Cloudflare
// Access, the Durable Objects and the queues. Sends no log line, and keeps no text of an answer.
import type { NotificationsView } from "../../contract/notifications.ts";
import type { Access } from "../../platform/config.ts";
import type { Env } from "../../platform/env.ts";
import { coverageObject, notifierObject } from "../../platform/objects.ts";
import { emptyBodyOf, requestOf, type Receiver } from "../../receivers/receiver.ts";
import type { Context } from "../context.ts";
import { fetchKeys } from "../access/access.ts";
import { allRegistries } from "../registries.ts";
import type { ObjectFacts, QueueFacts, ReceiverAnswer } from "./facts.ts";

/** The longest wait for one answer. */
const ANSWER_MS = 8_000;

export async function askReceiver({ endpoint, uri }: Receiver): Promise<ReceiverAnswer> {
  return answerOf(endpoint + uri, { method: "HEAD" });
}

/** Sends the receiver a request like a sender does, but with a body that has no line. */
export async function askSigned(receiver: Receiver, nowMs: number): Promise<ReceiverAnswer> {
  const [rand = 0] = crypto.getRandomValues(new Uint32Array(1));
  const { url, method, headers } = requestOf(receiver, { nowMs, rand }, undefined);
  return answerOf(url, { method, headers, body: emptyBodyOf(receiver) });
}

async function answerOf(url: string, init: RequestInit): Promise<ReceiverAnswer> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal: timeout });
    await response.body?.cancel();
    const dateMs = Date.parse(response.headers.get("Date") ?? "");
    return { kind: "answer", status: response.status, dateMs: Number.isNaN(dateMs) ? null : dateMs };
  } catch {
    // The text of the error is not used, because it may contain the URL, whose query is a secret.
    return { kind: timeout.aborted ? "timeout" : "no_connection" };
  }
}

export async function askAccess({ teamDomain }: Access): Promise<"fetched" | "unreachable"> {
  try {
    const init = { signal: AbortSignal.timeout(ANSWER_MS) };
    const response = await fetchKeys(`${teamDomain}/cdn-cgi/access/certs`, init);
    const { keys } = await response.json<{ keys?: unknown }>();
    return response.ok && Array.isArray(keys) && keys.length > 0 ? "fetched" : "unreachable";
  } catch {
    return "unreachable";
  }
}

export async function askObjects(context: Pick<Context, "env" | "config">): Promise<ObjectFacts> {
  const { env } = context;
  const [holders, coverage, notifier, parse, send] = await Promise.all([
    answered(slotHolders(context)),
    answered(coverageObject(env).autoReplay()),
    answered(notifierObject(env).view()),
    queueFacts(env, "PARSE_QUEUE"),
    queueFacts(env, "SEND_QUEUE"),
  ]);
  return {
    registry: holders && true,
    coverage: coverage && true,
    notifier: notifier && true,
    channels: channelsIn(notifier?.value ?? null),
    queues: [parse, send],
  };
}

/** Asks the registry of each receiver. */
async function slotHolders(context: Pick<Context, "env" | "config">): Promise<(string | null)[]> {
  const all = await allRegistries(context);
  return Promise.all(all.map(({ registry }) => registry.slotHolder()));
}

/** Wraps an answer, so that the answer null differs from no answer. Returns null if there was no answer. */
async function answered<T>(answer: Promise<T>): Promise<{ value: T } | null> {
  try {
    return { value: await answer };
  } catch {
    return null;
  }
}

function channelsIn(view: NotificationsView | null): ObjectFacts["channels"] {
  const channels = view?.channels ?? [];
  const bad = channels.flatMap(({ name, fault }) => (fault === null ? [] : [{ name, detail: fault }]));
  return { names: channels.map(({ name }) => name), faults: [...(view?.faults ?? []), ...bad] };
}

async function queueFacts(env: Env, binding: QueueFacts["binding"]): Promise<QueueFacts> {
  const metrics = await answered(env[binding].metrics());
  if (metrics === null) return { binding, backlog: null };
  const { backlogCount: messages, oldestMessageTimestamp: oldest } = metrics.value;
  return { binding, backlog: { messages, oldestAt: oldest?.getTime() ?? null } };
}
