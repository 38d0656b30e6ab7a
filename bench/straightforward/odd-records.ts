// Generates lines that Logpush could write but rarely writes: ordinary records, records with odd values, and both with
// damaged text or bytes. The seed decides the lines, so a difference can be reproduced. Does no I/O. This file uses no
// implementation of the parse step.
import { TIMESTAMP_FORMATS } from "../../local/generate/instant.ts";
import { seededRandom, type Random } from "../../local/generate/random.ts";
import { recordWriter } from "../../local/generate/record.ts";

/** The window that every record is generated for. Some of the odd timestamps are its edges. */
export const WINDOW = { startMs: 1_776_866_400_000, endMs: 1_776_870_000_000 };
const INSIDE_SECOND = WINDOW.startMs / 1_000;

const FIELDS =
  `CacheCacheStatus ClientCountry ClientIP ClientRequestBytes ClientRequestHost ClientRequestMethod
  ClientRequestProtocol ClientRequestReferer ClientRequestScheme ClientRequestURI ClientRequestUserAgent ClientSSLProtocol
  ClientSrcPort EdgeColoCode EdgeResponseBodyBytes EdgeResponseBytes EdgeResponseContentType EdgeResponseStatus
  EdgeServerIP EdgeTimeToFirstByteMs OriginIP OriginRequestHeaderSendDurationMs OriginResponseDurationMs
  OriginResponseHeaderReceiveDurationMs OriginResponseStatus OriginTLSHandshakeDurationMs RayID ResponseHeaders
  WorkerSubrequest Cookies RequestHeaders`.split(/\s+/);

// prettier-ignore
/** JSON texts that may be the value of any field. */
const VALUES = [
  "null", "true", "false", "0", "-0", "1", "-1", "12", "0.5", "1e3", "1E-7", "1e21", "1e25", "-1e25", "5e-324", "1e400",
  "9007199254740993", "123456789012345678901234567890", "9999", "10000", "1.0005", "2.0005", '""', '" "', '"  12 "',
  '"12"', '"0x10"', '"-"', '"a"', '"GET"', '"hit"', '"HIT"', '"Dynamic"', '"stale"', '"https"', '"HTTPS"', '"http"',
  '"sin"', '"SIN"', '"hkg"', '"cn"', '"中文 é"', '"😀"', '"\\ud83d"', '"\\ude00x"', '"\\ud83d\\ude00"', '"a\\nb"', '"\\u0001"',
  '"\\t\\r"', '"\\u007f"', '"\u007f"', '"\\u0085\\u2028"', '"\\"quoted\\""', '"back\\\\slash"', '"/a?b=1\\u0026c=2"',
  "[]", "{}", '[1,"a\\nb",null]', '{"a":{"b":[{}]}}', '{"content-length":"12"}', '{"content-length":0}',
  '{"content-length":["a\\u0001"]}', '{"Content-Length":"9"}', '{"content-length":""}', '["https"]', '["00"]', '[["00"]]',
  '{"toString":1}', '{"ParentRayID":"abc"}', '{"EdgeStartTimestamp":1}', '"ParentRayID"', '"{\\"ParentRayID\\":\\"a\\"}"',
];

const BLANKS = ['"   "', '"\\t \\u0001"', '"\\u00a0\\u3000"', '"\\n"', '" - "'];

// prettier-ignore
const TIMES = [
  "1776866400", "1776866399.999999999", "1776870000", "1776870000.000000001", "1776870000000", "1776870000001",
  "1776866400000000000", "1776870000000000001", "1776869999999999999", "1776866400123456", "1.7768664e9",
  "17768664e2", "1776866400.25", "1776866400.000", "1e12", "1000000000001", "0", "-5", "0.0", "8.64e15", "8640000000001e3",
  '"1776866400"', '"1776866400123"', '"2026-04-22T14:00:00Z"', '"2026-04-22T22:30:00.5+08:00"', '"2026-04-22t14:59:59.999z"',
  '"2026-04-22T15:00:00.0000001Z"', '"2026-04-31T14:00:00Z"', '"2026-04-22T24:00:00Z"', '"2026-04-22T14:59:60Z"',
  '"2026-04-22 14:00:00Z"', '"2026-04-22T14:30:00"', '"1776866400.5"', '""', "null", "true", "[]", "{}",
];

// prettier-ignore
const PARENTS = ['"00"', '"00"', '"00"', '"00"', '"00"', '"00"', '"00"', '"00"', '"7d3c1a2b3c4d5e6f"', '"7d3c1a2b3c4d5e6f"', '"0"', '"000"', '"0\\u0030"', '""', "null", "0", '["00"]', '"\\""'];
// prettier-ignore
/** Members that look like members of the format, but are not. */
const NEIGHBOURS = [
  '"x":{"ParentRayID":"abc","EdgeStartTimestamp":5}', '"x":[{"ParentRayID":"00"}]', '"x":"\\"ParentRayID\\":\\"abc\\""',
  '"y\\"ParentRayID":"abc"', '"Parent\\u0052ayID":"abc"', '"Parent\\u0052ayID":"00"', '"NotParentRayID":"abc"',
  '"\\u0045dgeStartTimestamp":1776866401', '"EdgeStartTimestamp" : 1776866402', '"Cookies":{"a":"}{"}', '"z":"{"',
  '"z":"\\\\"', '"ParentRayID" :"00"', '"ParentRayID": "abc"', '"v":"ParentRayID"', '"é":"中文"', '"__proto__":{"RayID":"p"}',
  '"":"EdgeStartTimestamp"', '"n":[[[[{"a":[]}]]]]',
];

// prettier-ignore
/** Texts whose characters and bytes are easily mistaken, when they are cut, compared or changed to upper case. */
const WIDE = [
  '"\u00a0"', '" \u3000"', '"\u0085"', '"\ufeff"', '"ßa"', '"ſin"', '"hıt"', '"µ"', '"ÿ"', '"h\u212ag"', '"00é"', '"中\u007f"',
  `"${"é".repeat(600)}"`, `"${"中".repeat(1_365)}"`, `"${"中".repeat(1_400)}"`, `"a${"😀".repeat(512)}"`, '{"content-length":"１２"}',
];

const SIGNS = '{}[]":,\\ \r0a\t'.split("");

export class OddRecords {
  readonly #random: Random;
  /** The random numbers for fields that only some formats read. They are separate, so that the other fields of a seed
   * stay the same. */
  readonly #ofFormats: Random;
  readonly #writers;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#ofFormats = seededRandom(seed + 1_000_003);
    this.#writers = TIMESTAMP_FORMATS.map((format) => recordWriter(this.#random, format));
  }

  /** A file of `lines` lines with their line ends. `damage` is the share of damaged lines, from 0 to 1. */
  file(lines: number, damage = 0.25): Buffer {
    const random = this.#random;
    const parts = Array.from({ length: lines }, (_, n) => this.#bytesOfLine(n === lines - 1, damage));
    const bom = random.chance(0.1) ? [Buffer.from("\ufeff")] : [];
    return Buffer.concat([...bom, ...parts]);
  }

  /** Like `file`, with commas and brackets between the records. Some records are pretty-printed over several lines. */
  list(lines: number): Buffer {
    const random = this.#random;
    const damage = random.pick([0, 0, 0.02, 0.2]);
    const between = random.pick([",\n", "\n,", ",", "\n", "", " \n,\n ", "]\n[", "\n]\n[\n", ",\r\n"]);
    const texts = Array.from({ length: lines }, () => {
      const whole = random.chance(0.5) ? this.#ordinary() : this.#odd();
      const text = random.chance(damage) ? this.#damaged(whole) : whole;
      return random.chance(0.1) ? this.#overLines(text) : text;
    });
    const inArray = between.includes("[") || random.chance(0.5);
    const body = texts.reduce((joined, text) => {
      const odd = random.chance(damage / 4) ? random.pick([",", "[", "]", "\n\n", "x", "{", "}"]) : "";
      return `${joined}${joined === "" ? "" : between}${odd}${text}`;
    }, "");
    const bytes = Buffer.from(inArray ? `[${random.pick(["", "\n"])}${body}\n]\n` : body);
    if (random.chance(damage)) bytes[random.below(bytes.length)] = 0x80 + random.below(0x80);
    return bytes;
  }

  /** Adds line ends where JSON allows white space. Inside a string, a line end makes the record invalid. */
  #overLines(text: string): string {
    const random = this.#random;
    try {
      if (random.chance(0.7)) return JSON.stringify(JSON.parse(text), null, random.pick([0, 1, 2]));
    } catch {
      // The text is damaged, so it is no longer JSON. A line end may stand anywhere.
    }
    return text.replaceAll(",", () => (random.chance(0.2) ? ",\n" : ","));
  }

  #bytesOfLine(isLast: boolean, damage: number): Buffer {
    const random = this.#random;
    const whole = random.chance(0.15) ? this.#ordinary() : this.#odd();
    const line = random.chance(damage) ? this.#damaged(whole) : whole;
    const end = isLast && random.chance(0.5) ? "" : random.chance(0.05) ? "\r\n" : "\n";
    const bytes = Buffer.from(line + end);
    // Writes a byte at a random place that is not valid UTF-8 there.
    if (random.chance(0.01)) bytes[random.below(Math.max(1, bytes.length - 2))] = 0x80 + random.below(0x80);
    return bytes;
  }

  #ordinary(): string {
    const random = this.#random;
    const id = random.u32().toString(16).padStart(8, "0").repeat(2);
    const line = random.pick(this.#writers)({
      rayId: id,
      parentRayId: random.chance(0.5) ? null : id,
      start: { second: INSIDE_SECOND - 60 + random.below(3_720), nano: random.below(1e9) },
      unreadableTimestamp: null,
    });
    return line.trimEnd();
  }

  #odd(): string {
    const random = this.#random;
    const pick = (list: readonly string[]): string => random.pick(list);
    const time = random.chance(0.4) ? pick(TIMES) : String(INSIDE_SECOND + random.below(3_600));
    const members = [`"EdgeStartTimestamp":${time}`];
    if (random.chance(0.9)) members.push(`"ParentRayID":${pick(PARENTS)}`);
    for (let n = random.below(14); n > 0; n -= 1) members.push(`"${pick(FIELDS)}":${this.#value()}`);
    if (random.chance(0.3)) members.push(pick(NEIGHBOURS));
    if (random.chance(0.05)) members.push(`"ParentRayID":${pick(PARENTS)}`);
    if (random.chance(0.05)) members.push(`"EdgeStartTimestamp":${pick(TIMES)}`);
    for (let at = members.length - 1; at > 0; at -= 1) {
      const other = random.below(at + 1);
      [members[at], members[other]] = [members[other]!, members[at]!];
    }
    if (this.#ofFormats.chance(0.7)) members.push(`"EdgeEndTimestamp":${this.#ofFormats.pick(TIMES)}`);
    if (this.#ofFormats.chance(0.2))
      members.push(`"${this.#ofFormats.pick(FIELDS)}":${this.#ofFormats.pick(BLANKS)}`);
    if (this.#ofFormats.chance(0.2))
      members.push(`"${this.#ofFormats.pick(FIELDS)}":${this.#ofFormats.pick(WIDE)}`);
    const gap = random.chance(0.1) ? " " : "";
    return random.chance(0.01) ? `[${members.length}]` : `${gap}{${members.join(`,${gap}`)}}${gap}`;
  }

  #value(): string {
    const random = this.#random;
    if (random.chance(0.9)) return random.pick(VALUES);
    // Sometimes a value is longer than any block of lines that the parser reads.
    if (random.chance(0.001)) return JSON.stringify("x".repeat(150_000));
    // The value is long enough to be truncated, and a surrogate pair may lie at the place of the cut.
    const units = random.pick([1_023, 1_024, 1_025, 2_047, 2_048, 4_090, 4_096]);
    return JSON.stringify("é".repeat(random.below(2)) + random.pick(["a", "😀", "中"]).repeat(units));
  }

  /** Deletes, doubles or replaces some characters of a line, mostly characters that have a meaning in JSON. */
  #damaged(line: string): string {
    const random = this.#random;
    let text = line;
    for (let n = 1 + random.below(2); n > 0; n -= 1) {
      const at = random.below(text.length);
      const put = ["", `${text[at]}${text[at]}`, random.pick(SIGNS), ` ${text[at]}`][random.below(4)];
      text = text.slice(0, at) + put + text.slice(at + 1);
    }
    return text.replaceAll("\n", " ");
  }
}
