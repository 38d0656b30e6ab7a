// Reads NOTIFY_CHANNELS and PUBLIC_URL. A value that cannot be read is a fault to show, never a bad configuration: a
// mistake in a channel must not suspend a run. A fault never repeats a text of the value, because URLs contain keys.
import * as v from "valibot";
import { jsonOf } from "../contract/json-text.ts";
import { COVERAGE_NOTICES, NOTICE_TYPES, RUN_NOTICES, type NoticeType } from "../contract/notices.ts";
import { CHANNEL_KINDS, LANGUAGES, type ChannelKind, type Language } from "../contract/notifications.ts";
import { isLoopback, type VarKind } from "./var-kinds.ts";

export interface Channel {
  name: string;
  kind: ChannelKind;
  url: string;
  /** The secret that signs messages. Null: the channel has no such secret. */
  secret: string | null;
  lang: Language;
  events: readonly NoticeType[];
}
/** An entry that cannot be used. The channel gets no message, but its messages wait for a correction. */
export interface BadChannel {
  /** "entry 2" when the entry has no usable name of its own. */
  name: string;
  /** False: a correction gives the channel another name, which is not known yet. */
  isNamed: boolean;
  fault: string;
}
export type ChannelSetting = ({ ok: true } & Channel) | ({ ok: false } & BadChannel);

export interface ChannelSettings {
  channels: ChannelSetting[];
  /** Why the secret as a whole cannot be read. */
  fault: string | null;
}
export interface PublicUrl {
  /** An origin without a slash at its end. */
  url: string | null;
  fault: string | null;
}

const MAX_CHANNELS = 20;
const MAX_URL = 2_048;
/** The Standard Webhooks specification asks for 24 to 64 bytes. Shorter keys are accepted down to this. */
const MIN_KEY_BYTES = 16;
const STANDARD_PREFIX = "whsec_";

const EXPECTED_LIST =
  'expected a JSON list such as [{"name": "…", "kind": "slack", "url": "https://…"}], each member once';
const EXPECTED_ENTRY =
  "expected an object with name, kind and url, and optionally secret, lang and events, and no other member";
const EXPECTED_URL =
  "url: expected https (http only for this machine), at most 2048 characters, no user name";
const EXPECTED_EVENTS = `events: expected a list of ${NOTICE_TYPES.join(", ")}`;
const EXPECTED_PUBLIC =
  "expected an origin such as https://backfill.example.com (http only for this machine)";

/** Types by their own name, and by the part after the dot. */
const TYPES_BY_NAME: ReadonlyMap<string, NoticeType> = new Map(
  [...RUN_NOTICES, ...COVERAGE_NOTICES].flatMap((type) => [
    [type, type],
    [type.slice(type.indexOf(".") + 1), type],
  ]),
);

const Optional = v.optional(v.nullable(v.string("secret: expected text")), null);
const Entry = v.strictObject(
  {
    name: v.pipe(
      v.string("name: expected 1 to 64 letters, digits, '.', '_' or '-'"),
      v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "name: expected 1 to 64 letters, digits, '.', '_' or '-'"),
    ),
    kind: v.picklist(CHANNEL_KINDS, `kind: expected one of ${CHANNEL_KINDS.join(", ")}`),
    url: v.pipe(v.string(EXPECTED_URL), v.check(isUsable, EXPECTED_URL)),
    secret: Optional,
    lang: v.optional(v.picklist(LANGUAGES, `lang: expected ${LANGUAGES.join(" or ")}`)),
    events: v.optional(
      v.array(
        v.pipe(
          v.string(EXPECTED_EVENTS),
          v.check((name) => TYPES_BY_NAME.has(name), EXPECTED_EVENTS),
        ),
        EXPECTED_EVENTS,
      ),
    ),
  },
  EXPECTED_ENTRY,
);

export const CHANNELS = lenient("JSON list of channels", readChannels);
export const PUBLIC_ORIGIN = lenient("an origin", readPublicUrl);

/** Accepts every text. What is wrong with the text becomes part of the value. */
function lenient<T>(values: string, read: (text: string) => T) {
  const schema = v.pipe(
    v.unknown(),
    v.transform((value) => read(typeof value === "string" ? value.trim() : "")),
  );
  return { values, schema } satisfies VarKind;
}

export function readChannels(text: string): ChannelSettings {
  if (text === "") return { channels: [], fault: null };
  const json = jsonOf(text);
  if (!Array.isArray(json)) return { channels: [], fault: EXPECTED_LIST };
  if (json.length > MAX_CHANNELS) return { channels: [], fault: `expected at most ${MAX_CHANNELS} channels` };
  const channels: ChannelSetting[] = [];
  for (const [index, entry] of json.entries()) {
    const read = channelOf(entry, `entry ${index + 1}`);
    const isTaken = channels.some(({ name }) => name === read.name);
    channels.push(
      isTaken
        ? { ok: false, name: `entry ${index + 1}`, isNamed: false, fault: "name: expected a name of its own" }
        : read,
    );
  }
  return { channels, fault: null };
}

/** True: the names of all channels are known. Otherwise a correction may bring channels with other names. */
export function areAllNamed({ channels, fault }: ChannelSettings): boolean {
  return fault === null && channels.every(isNamed);
}

export function isNamed(channel: ChannelSetting): boolean {
  return channel.ok || channel.isNamed;
}

function channelOf(entry: unknown, place: string): ChannelSetting {
  const parsed = v.safeParse(Entry, entry);
  if (!parsed.success) {
    // The name alone may be right. Its messages then wait for a correction.
    const named = v.safeParse(v.object({ name: Entry.entries.name }), entry);
    const name = named.success ? named.output.name : place;
    return { ok: false, name, isNamed: named.success, fault: faultOf(parsed.issues[0]) };
  }
  const { name, kind, url, secret, lang, events } = parsed.output;
  const key = secret === "" ? null : secret;
  if (kind === "standard" && !isStandardSecret(key)) {
    const fault = `secret: expected whsec_ and base64 of at least ${MIN_KEY_BYTES} bytes`;
    return { ok: false, name, isNamed: true, fault };
  }
  const chosen = events?.map((type) => TYPES_BY_NAME.get(type)).filter((type) => type !== undefined);
  return {
    ok: true,
    name,
    kind,
    url,
    secret: key,
    lang: lang ?? (kind === "standard" || kind === "slack" ? "en" : "zh"),
    events: [...new Set(chosen ?? NOTICE_TYPES)],
  };
}

/** A strict object reports an unknown member with the member's name, which is part of the value. */
function faultOf(issue: v.BaseIssue<unknown>): string {
  return issue.type === "strict_object" ? EXPECTED_ENTRY : issue.message;
}

/** The key of a Standard Webhooks secret, as base64. */
export function standardKey(secret: string): string {
  return secret.startsWith(STANDARD_PREFIX) ? secret.slice(STANDARD_PREFIX.length) : secret;
}

function isStandardSecret(secret: string | null): boolean {
  if (secret === null) return false;
  const key = standardKey(secret);
  if (key.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return false;
  return atob(key).length >= MIN_KEY_BYTES;
}

function isUsable(text: string): boolean {
  if (text.length > MAX_URL || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

function readPublicUrl(text: string): PublicUrl {
  if (text === "") return { url: null, fault: null };
  if (!isUsable(text)) return { url: null, fault: EXPECTED_PUBLIC };
  const { origin } = new URL(text);
  const isOrigin = text === origin || text === `${origin}/`;
  return isOrigin ? { url: origin, fault: null } : { url: null, fault: EXPECTED_PUBLIC };
}
