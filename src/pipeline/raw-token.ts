// Finds the text of a number in a raw line of JSON that was already parsed. Owns a small scanner. The scanner never
// validates, because JSON.parse has validated the line.

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;

/** Whether a character may be part of a primitive, by character code. A regular expression per character costs as
 * much as the rest of the look-up. */
const IN_PRIMITIVE = new Uint8Array(128);
for (const char of "+-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  IN_PRIMITIVE[char.charCodeAt(0)] = 1;

/** The text of the last top-level member `key` when its value is a number. JSON.parse also keeps the last of
 * duplicate keys and decodes escapes: `"\u0045dge…"` is the same key. */
export function rawNumber(line: string, key: string, escapedLetters: boolean): string {
  return (escapedLetters ? null : quickly(line, key)) ?? thoroughly(line, key);
}

/** Works when the key's literal occurs once and no letter of a key can be escaped. The occurrence is then the
 * member that JSON.parse found. A nested or quoted member would be a second occurrence. */
function quickly(line: string, key: string): string | null {
  // The opening quote is not part of the searched text. The engine looks for the first character first, and quotes
  // are frequent.
  const literal = `${key}"`;
  const at = line.indexOf(literal);
  const colon = at + literal.length;
  if (at < 0 || line.charCodeAt(at - 1) !== QUOTE || line.charCodeAt(colon) !== COLON) return null;
  if (line.indexOf(literal, colon) >= 0) return null;
  const end = endOfPrimitive(line, colon + 1);
  return end > colon + 1 ? line.slice(colon + 1, end) : null;
}

function thoroughly(line: string, key: string): string {
  let found = "";
  let at = skipSpace(line, line.indexOf("{") + 1);
  while (line.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(line, at);
    const name: unknown = JSON.parse(line.slice(at, keyEnd));
    const valueStart = skipSpace(line, skipSpace(line, keyEnd) + 1);
    const valueEnd = endOfValue(line, valueStart);
    if (name === key) found = line.slice(valueStart, valueEnd);
    at = skipSpace(line, skipSpace(line, valueEnd) + 1);
  }
  return found;
}

function endOfValue(line: string, start: number): number {
  const first = line[start];
  if (first === '"') return endOfString(line, start);
  if (first !== "{" && first !== "[") return endOfPrimitive(line, start);
  let at = start;
  for (let depth = 0; at < line.length;) {
    const char = line[at];
    if (char === '"') {
      at = endOfString(line, at);
      continue;
    }
    at += 1;
    if (char === "{" || char === "[") depth += 1;
    if (char === "}" || char === "]") depth -= 1;
    if (depth === 0) break;
  }
  return at;
}

/** The index after the closing quote of the string that begins at `start`. */
export function endOfString(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
  }
  return line.length;
}

/** The index after the last character of a number, true, false or null. */
function endOfPrimitive(line: string, start: number): number {
  let at = start;
  while (at < line.length && IN_PRIMITIVE[line.charCodeAt(at)] === 1) at += 1;
  return at;
}

function skipSpace(line: string, start: number): number {
  let at = start;
  while (at < line.length && line.charCodeAt(at) <= 32) at += 1;
  return at;
}
