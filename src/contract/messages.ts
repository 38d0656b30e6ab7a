// The schema and version of the queue messages. A message contains only the id of a run, or of a file, for which
// there is work. It never contains anything that must not be lost, because a queue may lose, repeat, delay or reorder
// messages.
import * as v from "valibot";

/** File `file` of run `run` waits for a parser. */
export interface ParseMessage {
  v: 1;
  run: string;
  file: number;
}
/** Run `run` has batches to send. */
export interface SendMessage {
  v: 1;
  run: string;
}

export type Read<T> = { ok: true; message: T } | { ok: false; reason: string };

// The schemas allow unknown members, so that a newer producer does not break an older consumer.
const ParseSchema = v.object({
  v: v.literal(1),
  run: v.pipe(v.string(), v.minLength(1)),
  file: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});
const SendSchema = v.object({ v: v.literal(1), run: v.pipe(v.string(), v.minLength(1)) });

export function parseMessage(run: string, file: number): ParseMessage {
  return { v: 1, run, file };
}

export function sendMessage(run: string): SendMessage {
  return { v: 1, run };
}

export function readParseMessage(body: unknown): Read<ParseMessage> {
  return read(ParseSchema, body);
}

export function readSendMessage(body: unknown): Read<SendMessage> {
  return read(SendSchema, body);
}

function read<T>(schema: v.GenericSchema<unknown, T>, body: unknown): Read<T> {
  const parsed = v.safeParse(schema, body);
  if (parsed.success) return { ok: true, message: parsed.output };
  const reason = parsed.issues
    .map((issue) => `${v.getDotPath(issue) ?? "message"}: ${issue.message}`)
    .join("; ");
  return { ok: false, reason };
}
