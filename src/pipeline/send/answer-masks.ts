// Masks what differs between two answers with the same meaning: times, ids, numbers. A mask replaces such a part with a
// fixed text, so that the two answers are equal. Lists the names of members that contain a code. Does no I/O.

/** A value made for one answer: a UUID, a hash, a token. A mixed-case word without a digit may be a message. */
const ID = /^(?:[0-9a-f-]{16,}|[0-9a-f]{8,}|(?=.*\d)[A-Za-z0-9_+/=-]{16,})$/i;
const DAY = "(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?";
const MONTH =
  "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)";
const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp]\.?[Mm]\.?)?`;
const ZONE = String.raw`(?:\s?(?:GMT|UTC|CST|Z|[+-]\d{2}:?\d{2}))?`;
const TIMES: readonly RegExp[] = [
  // The date forms of RFC 1123, RFC 850 and access logs, also without weekday or time of day.
  new RegExp(
    String.raw`(?:\b${DAY},?\s+)?\b\d{1,2}[\s/-]${MONTH}[\s/-]\d{2,4}(?:[\s:]${CLOCK}${ZONE})?`,
    "gi",
  ),
  // The date form of asctime, and forms like "March 1, 2026".
  new RegExp(
    String.raw`(?:\b${DAY},?\s+)?\b${MONTH}\s+\d{1,2}(?:,?\s+${CLOCK}${ZONE})?(?:,?\s+\d{4})?(?:,?\s+${CLOCK}${ZONE})?`,
    "gi",
  ),
  // The date form of ISO 8601, and similar forms.
  new RegExp(String.raw`\b\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[T\s]*${CLOCK}${ZONE})?`, "g"),
  new RegExp(String.raw`\b${CLOCK}${ZONE}`, "g"),
];
/** Names that receivers give to members with the result. */
const CODE_WORDS = new Set([
  "code", "codes", "errcode", "retcode", "status", "statuses", "error", "errors", "err", "errno", "success", "result",
  "results", "ret", "ok", "failed", "failure", "failures",
]); // prettier-ignore

const MESSAGE_WORDS = new Set(["msg", "message", "reason", "detail", "details", "description"]);

/** Whether a member with this name states the result: `code`, `statusCode`, `error_msg`, `results[]`. */
export function isCodeName(path: string): boolean {
  return wordsOfName(path).some((word) => CODE_WORDS.has(word));
}

export function isMessageName(path: string): boolean {
  return wordsOfName(path).some((word) => MESSAGE_WORDS.has(word));
}

function wordsOfName(path: string): string[] {
  const name = path.replaceAll("[]", "").split(".").at(-1) ?? "";
  return name.replaceAll(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase().split(/[^\p{L}]+/u); // prettier-ignore
}

export function isId(text: string): boolean {
  return ID.test(text) && (/\d/.test(text) || text.length >= 16);
}

function withoutTimes(text: string): string {
  return TIMES.reduce((rest, time) => rest.replaceAll(time, "@"), text);
}

/** The text with everything masked that differs between answers of the same meaning. */
export function masked(text: string): string {
  const trimmed = text.trim();
  if (isId(trimmed)) return "#";
  return withoutTimes(trimmed)
    .split(/\s+/)
    .map((word) => (isId(word.replaceAll(/^[^\w]+|[^\w=]+$/g, "")) ? "#" : word.replaceAll(/\d+/g, "#")))
    .join(" ");
}

/** The masked text of a member that is named like a code. Digits are kept, because they are the code, unless they
 * are between words. */
export function maskedCode(text: string): string {
  const trimmed = text.trim();
  if (isId(trimmed)) return "#";
  if (!/\s/.test(trimmed)) return withoutTimes(trimmed).replaceAll(/\d{5,}/g, "#");
  return withoutTimes(trimmed).replaceAll(/(?<![\p{L}\d])\d+(?![\p{L}\d])|\d{5,}/gu, "#");
}

/** The words of a body that is not JSON. A number is kept after a name for a code, and when the number is the
 * whole body. */
export function wordsOf(text: string): string[] {
  const masks = withoutTimes(text)
    .split(/\s+/)
    .map((word) => (isId(word) ? "#" : word))
    .join(" ");
  const words = [...masks.matchAll(/[\p{L}_]+|\d+|[#@]/gu)];
  if (words.length === 1) return [words[0]?.[0] ?? ""];
  return words.map((found, n) => {
    const [word] = found;
    if (!/^\d+$/.test(word)) return word;
    const name = words[n - 1];
    if (!name || word.length > 4 || !isCodeName(name[0])) return "#";
    // code=0, "code": 0 and <code>0 name a code; OK 0 does not.
    return /[=:>]/.test(masks.slice(name.index + name[0].length, found.index)) ? word : "#";
  });
}
