// Removes a signature from a text, in any form in which the text repeats it. A receiver may echo parts of the URL in
// its answers, and the runtime in its errors. No stored, logged or shown text may contain the signature. Does no I/O.
//
// The text is searched in three views: unchanged, with escapes decoded (%2D, \u002d, &#45;), and reduced to letters
// and digits. Base64 and hex sequences are decoded and searched in the same way. Eight consecutive characters of
// the MD5 are enough for a cut, because an answer may end in the middle.

export interface Signature {
  url: string;
  /** 32 hexadecimal digits. */
  md5: string;
  key: string;
}
/** Removes the secrets of one POST from a text. */
export type Mask = (text: string) => string;

const CUT = "[cut]";
/** How many consecutive characters of the MD5 identify it. */
const PART = 8;
/** How many consecutive bytes of the 16 raw bytes of the MD5 identify it. */
const RAW_PART = 6;
/** How many nested escapes and nested encodings are decoded. */
const DEPTH = 3;
const ENCODINGS = 2;
/** The text before an MD5: time, random number and their separators. */
const BEFORE = /[\d-]{0,24}$/;
const ESCAPE = /%([0-9a-f]{2})|\\u00([0-9a-f]{2})|\\x([0-9a-f]{2})|&#x0*([0-9a-f]{1,2});|&#0*(\d{1,3});/gi;
/** Line breaks, also when a JSON string escapes them. */
const BROKEN = /[\r\n]|\\[rn]/;
/** A text without these characters has no escapes. */
const ESCAPED = /[%&\\]/;
const BASE64_RUN = /[A-Za-z0-9+/_-]{8,}={0,2}/g;
const HEX_RUN = /[0-9A-Fa-f]{16,}/g;
const WHOLE = /\d{9,11}(?:-|%2D)\d{1,10}(?:-|%2D)[0-9a-f]{32}/gi;
const NAMED = /auth_key(?:=|%3D|%253D|\\u003d|&#61;|"\s*:\s*"?|\s*:\s*)[^\s"'&\\<>]*/gi;
const MD5 = /(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])/gi;

/** A text, and the place of each of its characters in the original: from `from[i]` to before `to[i]`. */
interface View {
  text: string;
  from: number[];
  to: number[];
}
const EMPTY: View = { text: "", from: [], to: [] };
type Span = [from: number, to: number];

/** Removes everything with the form of a signature. */
export function maskForms(text: string): string {
  return text.replaceAll(NAMED, `auth_key=${CUT}`).replaceAll(WHOLE, CUT);
}

/** Masks the digests in an answer that refuses the signature. Such an answer may name the signature that the
 * receiver expected. */
export function maskDigests(text: string): string {
  return text.replaceAll(MD5, CUT);
}

/** The mask for all texts after one POST. */
export function maskOf({ url, md5, key }: Signature): Mask {
  const words = partsOf(md5.toLowerCase(), PART);
  const plainKey = squeezed(viewOf(key)).text;
  // A shorter key would cut ordinary words.
  if (plainKey.length >= PART) words.push(plainKey);
  const raw = partsOf(String.fromCharCode(...bytesOfHex(md5)), RAW_PART);
  return (text) => {
    const view = viewOf(text.replaceAll(url, "[url]"));
    return maskForms(without(view.text, spansOf(view, { words, raw }, ENCODINGS)));
  };
}

/** How many consecutive letters and digits of another secret identify this secret. */
const SECRET_PART = 12;

/** The mask for all texts after one request whose URLs and other secrets are known. Secrets with fewer than eight
 * letters and digits are not masked, because they would cut ordinary words. */
export function maskOfSecrets(urls: readonly string[], secrets: readonly string[]): Mask {
  const words = secrets
    .map((secret) => squeezed(viewOf(secret)).text)
    .filter((plain) => plain.length >= PART)
    .flatMap((plain) => (plain.length > SECRET_PART ? partsOf(plain, SECRET_PART) : [plain]));
  return (text) => {
    const view = viewOf(urls.reduce((left, url) => left.replaceAll(url, "[url]"), text));
    return without(view.text, spansOf(view, { words, raw: [] }, ENCODINGS));
  };
}

interface Secrets {
  words: string[];
  raw: string[];
}

function spansOf(view: View, secrets: Secrets, depth: number): Span[] {
  const decoded = unescapedTimes(view);
  const plain = squeezed(decoded);
  const spans: Span[] = [];
  for (const word of secrets.words) {
    for (let at = plain.text.indexOf(word); at >= 0; at = plain.text.indexOf(word, at + 1))
      spans.push([plain.from[at] ?? 0, plain.to[at + word.length - 1] ?? 0]);
  }
  for (const part of secrets.raw) {
    for (let at = decoded.text.indexOf(part); at >= 0; at = decoded.text.indexOf(part, at + 1))
      spans.push([decoded.from[at] ?? 0, decoded.to[at + part.length - 1] ?? 0]);
  }
  if (depth > 0) {
    for (const lines of [decoded, joined(decoded)]) {
      for (const [from, to] of runsThatHold(lines.text, secrets, depth))
        spans.push([lines.from[from] ?? 0, lines.to[to - 1] ?? 0]);
    }
  }
  return spans.map(([from, to]): Span => [
    from - (BEFORE.exec(view.text.slice(0, from))?.[0].length ?? 0),
    to,
  ]);
}

/** The positions of base64 and hex sequences that contain a secret after decoding. A sequence may begin with a few
 * characters that are not part of the encoded secret. */
function runsThatHold(text: string, secrets: Secrets, depth: number): Span[] {
  const holds = (inner: string): boolean => isHeld(inner, secrets, depth - 1);
  const found: Span[] = [];
  for (const { 0: run, index } of text.matchAll(BASE64_RUN)) {
    if ([0, 1, 2, 3].some((skip) => holds(fromBase64(run.slice(skip)))))
      found.push([index, index + run.length]);
  }
  for (const { 0: run, index } of text.matchAll(HEX_RUN)) {
    if ([0, 1].some((skip) => holds(String.fromCharCode(...bytesOfHex(run.slice(skip)))))) {
      found.push([index, index + run.length]);
    }
  }
  return found;
}

/** Whether the text contains a secret. Finds no positions, so it is cheaper: most base64 and hex sequences contain
 * no secret and need no positions. */
function isHeld(text: string, secrets: Secrets, depth: number): boolean {
  const decoded = ESCAPED.test(text) ? unescapedTimes(viewOf(text)).text : text;
  if (secrets.raw.some((part) => decoded.includes(part))) return true;
  const plain = decoded.replaceAll(/[^0-9a-z]/gi, "").toLowerCase();
  if (secrets.words.some((word) => plain.includes(word))) return true;
  if (depth === 0) return false;
  if (runsThatHold(decoded, secrets, depth).length > 0) return true;
  return BROKEN.test(decoded) && runsThatHold(joined(viewOf(decoded)).text, secrets, depth).length > 0;
}

function unescapedTimes(view: View): View {
  let decoded = view;
  for (let times = 0; times < DEPTH; times += 1) decoded = unescaped(decoded);
  return decoded;
}

function viewOf(text: string): View {
  const from = Array.from({ length: text.length }, (_, at) => at);
  return { text, from, to: from.map((at) => at + 1) };
}

function unescaped(view: View): View {
  const out: View = { text: "", from: [], to: [] };
  let done = 0;
  const copy = (until: number): void => {
    out.text += view.text.slice(done, until);
    for (let at = done; at < until; at += 1) {
      out.from.push(view.from[at] ?? 0);
      out.to.push(view.to[at] ?? 0);
    }
  };
  for (const match of view.text.matchAll(ESCAPE)) {
    const [all, percent, unicode, short, hexEntity, entity] = match;
    copy(match.index);
    const hex = percent ?? unicode ?? short ?? hexEntity;
    out.text += String.fromCharCode(hex === undefined ? Number(entity) : Number.parseInt(hex, 16));
    out.from.push(view.from[match.index] ?? 0);
    out.to.push(view.to[match.index + all.length - 1] ?? 0);
    done = match.index + all.length;
  }
  if (done === 0) return view;
  copy(view.text.length);
  return out;
}

/** The letters and digits of a text, in lower case. */
function squeezed(view: View): View {
  const kept = picked(view, /[0-9a-z]/gi);
  return { ...kept, text: kept.text.toLowerCase() };
}

/** The text without line breaks, plain or escaped, because base64 is often broken into lines. */
function joined(view: View): View {
  return BROKEN.test(view.text) ? picked(view, /\\(?![rn])|(?<!\\)[rn]|[^\\rn\r\n]/g) : EMPTY;
}

/** The characters of the text that `pattern` matches, one at a time. */
function picked(view: View, pattern: RegExp): View {
  const out: View = { text: "", from: [], to: [] };
  for (const { 0: char, index } of view.text.matchAll(pattern)) {
    out.text += char;
    out.from.push(view.from[index] ?? 0);
    out.to.push(view.to[index] ?? 0);
  }
  return out;
}

function without(text: string, spans: Span[]): string {
  let out = "";
  let done = 0;
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    if (from >= done)
      out +=
        (from > done || out === "" ? text.slice(done, from) : "") +
        (out.endsWith(CUT) && from === done ? "" : CUT);
    done = Math.max(done, to);
  }
  return out + text.slice(done);
}

function partsOf(text: string, length: number): string[] {
  return Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) =>
    text.slice(at, at + length),
  );
}

function bytesOfHex(hex: string): number[] {
  return Array.from({ length: Math.floor(hex.length / 2) }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  );
}

/** The bytes of a base64 sequence, as Latin-1. An incomplete end is left out. */
function fromBase64(run: string): string {
  return Buffer.from(run, "base64").toString("latin1");
}
