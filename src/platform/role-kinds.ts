// Reads API_TOKENS and ACCESS_ROLES, which list who has which role. The text of a fault contains the place and the
// expected form. It never repeats a text of the value: someone may have pasted the token instead of its hash.
import * as v from "valibot";
import { jsonOf } from "../contract/json-text.ts";
import { ROLES, type Role } from "../contract/roles.ts";
import type { VarKind } from "./var-kinds.ts";

/** What the deployment stores about a token. It does not store the token itself, which only its owner has. */
export interface NamedToken {
  name: string;
  role: Role;
  /** 64 lower-case hexadecimal digits: SHA-256 of the token's UTF-8 text. */
  sha256: string;
}

/** Roles by e-mail, `@domain`, `group:name`, or the common name of a service token. E-mails and domains are in lower
 * case. */
export type AccessRoles = ReadonlyMap<string, Role>;

/** A secret has at most 5 KB, which is fewer entries than this. */
const MAX_TOKENS = 50;
const MAX_ROLES = 200;
/** The longest e-mail address has 254 characters. */
const MAX_WHO = 260;

const GROUP = "group:";
const EXPECTED_TOKENS =
  'expected a JSON list such as [{"name": "…", "role": "viewer", "sha256": "…"}], each member once';
const EXPECTED_ROLES = 'expected a JSON object such as {"@example.com": "viewer"}, each name once';
const EXPECTED_ENTRY =
  "expected name (1 to 64 letters, digits, '.', '_' or '-'), role (metrics, viewer or operator) and sha256 (64 hexadecimal digits), and no other member";

const Entry = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)),
  role: v.picklist(ROLES),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-fA-F]{64}$/), v.toLowerCase()),
});

/** What a text means, or what was expected instead. */
type Read<T> = { ok: true; value: T } | { ok: false; expected: string };

export const TOKENS = kindOf("JSON list of `{name, role, sha256}`", readTokens);
export const ROLES_BY_NAME = kindOf("JSON object: who → role", readRoles);

/** An empty text counts as absent. */
function kindOf<T>(values: string, read: (text: string) => Read<T>) {
  const schema = v.pipe(
    v.string("expected JSON as text"),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const found = read(dataset.value.trim());
      if (found.ok) return found.value;
      addIssue({ message: found.expected });
      return NEVER;
    }),
  );
  return { values, schema } satisfies VarKind;
}

function readTokens(text: string): Read<NamedToken[]> {
  if (text === "") return { ok: true, value: [] };
  const json = jsonOf(text);
  if (!Array.isArray(json)) return { ok: false, expected: EXPECTED_TOKENS };
  if (json.length > MAX_TOKENS) return { ok: false, expected: `expected at most ${MAX_TOKENS} tokens` };
  const tokens: NamedToken[] = [];
  for (const [index, one] of json.entries()) {
    const entry = v.safeParse(Entry, one);
    const expected = entry.success ? clashOf(entry.output, tokens) : EXPECTED_ENTRY;
    if (expected !== null) return { ok: false, expected: `entry ${index + 1}: ${expected}` };
    if (entry.success) tokens.push(entry.output);
  }
  return { ok: true, value: tokens };
}

/** A name may occur again while its token is rotated. Its old and its new token then have the same role. */
function clashOf(token: NamedToken, earlier: readonly NamedToken[]): string | null {
  if (earlier.some(({ sha256 }) => sha256 === token.sha256)) return "expected a sha256 of its own";
  const namesake = earlier.find(({ name }) => name === token.name);
  return namesake && namesake.role !== token.role
    ? "expected the role of the earlier entry of this name"
    : null;
}

function readRoles(text: string): Read<AccessRoles | null> {
  if (text === "") return { ok: true, value: null };
  const json = jsonOf(text);
  if (typeof json !== "object" || json === null || Array.isArray(json))
    return { ok: false, expected: EXPECTED_ROLES };
  const entries = Object.entries(json);
  if (entries.length > MAX_ROLES) return { ok: false, expected: `expected at most ${MAX_ROLES} entries` };
  const roles = new Map<string, Role>();
  for (const [index, [who, role]] of entries.entries()) {
    const at = `entry ${index + 1}:`;
    if (!isWho(who))
      return { ok: false, expected: `${at} expected an e-mail, @domain, group:name or common name` };
    if (!isRole(role)) return { ok: false, expected: `${at} expected a role: metrics, viewer or operator` };
    if (roles.has(whoOf(who))) return { ok: false, expected: `${at} expected each name once` };
    roles.set(whoOf(who), role);
  }
  return { ok: true, value: roles };
}

function isWho(who: string): boolean {
  if (who.trim() !== who || who.length > MAX_WHO || /[\p{C}\p{Zl}\p{Zp}]/u.test(who)) return false;
  if (who.startsWith(GROUP)) return who.length > GROUP.length;
  return who.includes("@") ? /^[^@\s]*@[^@\s]+$/.test(who) : who !== "";
}

/** The form in which a name is looked up. E-mail addresses ignore upper and lower case. Names of groups and services
 * may not. */
function whoOf(who: string): string {
  return who.includes("@") && !who.startsWith(GROUP) ? who.toLowerCase() : who;
}

function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}
