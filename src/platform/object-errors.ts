// Distinguishes two causes of a failed call of a Durable Object: a fault of this code, and a state of the runtime that
// passes, such as a deployment, a move to another machine, or too many calls.
// https://developers.cloudflare.com/durable-objects/best-practices/error-handling/

/** Whether the runtime says that the Durable Object does not answer now. Errors that the object's own code throws have
 * neither property. */
export function isObjectUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { retryable, overloaded } = error as { retryable?: unknown; overloaded?: unknown };
  return retryable === true || overloaded === true;
}
