// Compares the answers that code under test fetches inside this process with the API document.
import { isDescribed } from "./document-check.ts";

/** Runs `work`. Its requests may run side by side, but two calls of this function may not.
 * @throws Error when the document does not describe an answer of an API on this machine. */
export async function answersAreDescribed<T>(work: () => Promise<T>): Promise<T> {
  const real = globalThis.fetch;
  const faults: unknown[] = [];
  globalThis.fetch = async (input, init) => {
    const response = await real(input, init);
    try {
      await check(response.clone(), init?.method ?? "GET");
    } catch (error) {
      faults.push(error);
    }
    return response;
  };
  const ended = await work().finally(() => void (globalThis.fetch = real));
  if (faults.length > 0) throw faults[0];
  return ended;
}

async function check(response: Response, method: string): Promise<void> {
  const contentType = response.headers.get("Content-Type");
  // Archives and Prometheus text have no schema.
  if (contentType === null || !/json/.test(contentType)) return;
  const { pathname, search } = new URL(response.url);
  const text = await response.text();
  isDescribed({ method, path: pathname + search, status: response.status, contentType, text });
}
