// Reads the body of an answer, with limits of size and time, and decodes its charset. Never judges the body. The
// status is already known, so a body that ends early is no error. The bytes come as they were sent:
// decode-answer-body.ts inflates them.
import { withoutEncoding } from "./decode-answer-body.ts";
import { WHOLE_BYTES, type AnswerRule } from "../receivers/answer-rule.ts";

export interface AnswerBody {
  text: string;
  /** False when the body ended early or did not end in time. */
  isWhole: boolean;
  /** False when `text` is only the beginning of the body. */
  isAll: boolean;
  /** Whether the body matches the rule. Null without a rule. */
  matches: boolean | null;
}

/** How many bytes of a body are kept. More bytes are drained, so that the connection can be used again. */
const KEPT_BYTES = 64 * 1024;
const DRAINED_BYTES = 1024 * 1024;
/** The longest time from the head of the answer to the end of its body. A body that never ends blocks a sender
 * loop this long. */
const BODY_WAIT_MS = 10_000;
/** The wait for the end of a body that already matches. This wait only keeps the connection usable. */
const SETTLED_WAIT_MS = 1_000;
/** The time between two matches of a slow body. Matching every prefix would cost the square of the body's
 * length. */
const LOOK_AGAIN_MS = 250;

export async function readAnswer(response: Response, rule: AnswerRule | null): Promise<AnswerBody> {
  if (response.body === null)
    return { text: "", isWhole: true, isAll: true, matches: rule?.matches("") ?? null };
  const keptBytes = rule?.needsWhole ? WHOLE_BYTES : KEPT_BYTES;
  const decode = decoderOf(response.headers.get("Content-Type"));
  const kept: Uint8Array[] = [];
  const encoding = response.headers.get("Content-Encoding");
  const text = (): string => decode(withoutEncoding(joined(kept), encoding));
  let bytes = 0;
  let isWhole = false;
  let looked = { bytes: 0, at: 0 };
  const reader = response.body.getReader();
  const patience = new Patience(BODY_WAIT_MS);
  try {
    while (bytes < DRAINED_BYTES) {
      const step = await Promise.race([reader.read(), patience.over]);
      if (step === "over") break;
      if (step.done) {
        isWhole = true;
        break;
      }
      if (bytes < keptBytes) kept.push(step.value.slice(0, keptBytes - bytes));
      bytes += step.value.length;
      const now = performance.now();
      if (rule === null || rule.needsWhole || (bytes < looked.bytes * 2 && now - looked.at < LOOK_AGAIN_MS))
        continue;
      looked = { bytes, at: now };
      if (bytes <= keptBytes && rule.matchesBeginning(text())) patience.shorten(SETTLED_WAIT_MS);
    }
    // A body that is too long is no fault: the kept part is used.
    if (bytes >= DRAINED_BYTES) isWhole = true;
  } catch {
    isWhole = false;
  } finally {
    patience.end();
    void reader.cancel().catch(() => undefined);
  }
  const read = text();
  const isAll = isWhole && bytes <= keptBytes;
  const matches = rule && (isAll ? rule.matches(read) : rule.matchesBeginning(read));
  return { text: read, isWhole, isAll, matches };
}

/** A timeout that fires once and may be shortened. */
class Patience {
  readonly over: Promise<"over">;
  #fire: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout>;
  #isShort = false;

  constructor(ms: number) {
    this.over = new Promise((resolve) => (this.#fire = () => resolve("over")));
    this.#timer = setTimeout(() => this.#fire(), ms);
  }

  shorten(ms: number): void {
    if (this.#isShort) return;
    this.#isShort = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fire(), ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Decodes by the byte order mark, else by the named charset if the runtime supports it, else as UTF-8. */
function decoderOf(contentType: string | null): (bytes: Uint8Array) => string {
  const named = /charset\s*=\s*"?([^\s";,]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
  return (bytes) => {
    const mark = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : null;
    const bigMark = bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : null;
    for (const label of [mark, bigMark, named]) {
      if (label === null) continue;
      try {
        return new TextDecoder(label).decode(bytes);
      } catch {
        // The runtime does not support the charset.
      }
    }
    return new TextDecoder().decode(bytes);
  };
}
