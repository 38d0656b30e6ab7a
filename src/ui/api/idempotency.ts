// Keeps the Idempotency-Key of a request until the request is answered. The key is still there after a lost answer or
// a reload of the page. So pressing "Start" again does not start a second run.

/** What sessionStorage stores for one route. */
export interface KeptKey {
  body: string;
  key: string;
}

/** Returns the kept key if it was used with this body. The API refuses a key that comes with another body. */
export function chooseKey(kept: KeptKey | null, body: string, fresh: () => string): KeptKey {
  return kept?.body === body ? kept : { body, key: fresh() };
}

export function keyFor(path: string, body: string): string {
  const chosen = chooseKey(readKept(path), body, freshKey);
  sessionStorage.setItem(place(path), JSON.stringify(chosen));
  return chosen.key;
}

/** Whether a request with this body was sent and got no answer. */
export function isKept(path: string, body: string): boolean {
  return readKept(path)?.body === body;
}

export function forgetKey(path: string): void {
  sessionStorage.removeItem(place(path));
}

function readKept(path: string): KeptKey | null {
  const text = sessionStorage.getItem(place(path));
  return text === null ? null : (JSON.parse(text) as KeptKey);
}

function place(path: string): string {
  return `key ${path}`;
}

/** Makes a key without `crypto.randomUUID`, because browsers offer it only with TLS and on localhost. */
function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `page-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
