// Keeps the Idempotency-Key of a request until the request is answered. The key outlives a lost answer and a reload
// of the page, so that a second press of "Start" leads to the same run.

/** What sessionStorage keeps for one route. */
export interface KeptKey {
  body: string;
  key: string;
}

/** The kept key belongs to this body only: the API refuses another body with the same key. */
export function chooseKey(kept: KeptKey | null, body: string, fresh: () => string): KeptKey {
  return kept?.body === body ? kept : { body, key: fresh() };
}

export function keyFor(path: string, body: string): string {
  const chosen = chooseKey(readKept(path), body, freshKey);
  sessionStorage.setItem(place(path), JSON.stringify(chosen));
  return chosen.key;
}

/** Whether a request with this body was sent and never answered. */
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

/** `crypto.randomUUID` is missing on addresses without TLS other than localhost. */
function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `page-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
