// Remembers what was read from the environment, so that a request does not read and check it again. Does no I/O.

/** Returns a function that calls `read` only when one of the named values differs from the call before. The platform
 * never changes the environment of an isolate, so `read` is called once. Callers share the result and must not
 * change it. */
export function rememberSettings<Env extends object, Result>(
  names: readonly string[],
  read: (env: Env) => Result,
): (env: Env) => Result {
  let last: { values: unknown[]; result: Result } | null = null;
  return (env) => {
    const values = names.map((name): unknown => Reflect.get(env, name));
    if (last === null || !values.every((value, n) => value === last?.values[n]))
      last = { values, result: read(env) };
    return last.result;
  };
}
