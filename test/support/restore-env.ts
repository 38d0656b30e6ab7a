// Restores the Worker's vars after each test. All test files of a worker share one `env`, so a var that a test sets
// would stay set in the files after it.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach } from "vitest";

let before: Record<string, unknown> = {};

beforeEach(() => {
  before = { ...env };
});

afterEach(() => {
  const vars = env as unknown as Record<string, unknown>;
  for (const name of Object.keys(vars)) if (!(name in before)) delete vars[name];
  Object.assign(vars, before);
});
