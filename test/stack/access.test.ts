// Access and tokens as in production: the Worker is a separate process, fetches the keys over HTTP, and keeps them
// between requests. test/workerd/http-actor.test.ts and http-roles.test.ts have the details.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Status } from "../support/chaos-api.ts";
import { AccessTeam, freshKeys } from "../support/access-team.ts";
import { startStack, WINDOW } from "../support/stack.ts";

/** An Access team on this machine. Counts the requests for its keys. */
async function localTeam(): Promise<{ team: AccessTeam; asked: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    count += request.url === "/cdn-cgi/access/certs" ? 1 : 0;
    void team.keySet().then((keySet) => response.end(JSON.stringify(keySet)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const team = new AccessTeam(await freshKeys(), `http://127.0.0.1:${port}`);
  return { team, asked: () => count };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

test("records a change under the identity that Access verified, and reads the keys once", async () => {
  const { team, asked } = await localTeam();
  const { operator } = await startStack({ logs: { files: 1, lines: 100 }, vars: team.vars });
  const { headers = {} } = await team.through();
  const created = await operator.call<Status & { actor: string }>("POST", "/runs", WINDOW, headers);
  expect([created.status, created.body.actor]).toEqual([201, "access:li.wei@example.com"]);

  const asks = Array.from({ length: 6 }, () =>
    operator.call("POST", `/runs/${created.body.id}/verify`, {}, headers),
  );
  expect((await Promise.all(asks)).map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
  const late = await team.through({ expiresIn: -60 });
  const refused = await operator.call("POST", `/runs/${created.body.id}/verify`, {}, late.headers);
  expect(refused).toMatchObject({ status: 401, body: { code: "assertion_refused" } });

  const { items } = await operator.read<{ items: { kind: string; actor: string }[] }>(
    `/runs/${created.body.id}/events`,
  );
  const asking = items.filter(({ kind }) => kind === "verify").map(({ actor }) => actor);
  expect(asking).toEqual(Array.from({ length: 6 }, () => "access:li.wei@example.com"));
  expect(asked()).toBe(1);
});

test("opens to tokens by their role and to browsers by Access, as the page of the runbook says", async () => {
  const { team } = await localTeam();
  const API_TOKENS = JSON.stringify([
    { name: "viewer", role: "viewer", sha256: sha256("viewer-token") },
    { name: "prometheus", role: "metrics", sha256: sha256("metrics-token") },
  ]);
  const ACCESS_ROLES = '{"@example.com": "viewer", "li.wei@example.com": "operator"}';
  const vars = { ...team.vars, API_TOKENS, ACCESS_ROLES };
  const { dev } = await startStack({ logs: { files: 1, lines: 100 }, vars });
  const ask = async (method: string, path: string, headers: Record<string, string>) => {
    const body = method === "POST" ? JSON.stringify(WINDOW) : null;
    const response = await fetch(dev.url + path, { method, headers, body });
    const { code = null, role = null } = (await response.json()) as { code?: string; role?: string };
    return [response.status, code, role];
  };

  const viewer = { Authorization: "Bearer viewer-token" };
  expect(await ask("GET", "/me", viewer)).toEqual([200, null, "viewer"]);
  expect(await ask("GET", "/runs", viewer)).toEqual([200, null, null]);
  expect(await ask("POST", "/runs", viewer)).toEqual([403, "not_allowed", "viewer"]);
  const metrics = { Authorization: "Bearer metrics-token" };
  expect(await ask("GET", "/runs", metrics)).toEqual([403, "not_allowed", "metrics"]);
  const scraped = await fetch(`${dev.url}/metrics`, { headers: metrics });
  expect([scraped.status, await scraped.text()]).toEqual([200, expect.stringContaining("\nbackfill_info{")]);

  const reader = (await team.through({ payload: { email: "wang@example.com" } })).headers ?? {};
  expect(await ask("GET", "/me", reader)).toEqual([200, null, "viewer"]);
  expect(await ask("POST", "/runs", reader)).toEqual([403, "not_allowed", "viewer"]);
  const operator = (await team.through()).headers ?? {};
  const foreign = { ...operator, Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" };
  expect(await ask("POST", "/runs", foreign)).toEqual([403, "cross_site", null]);
  expect((await ask("POST", "/runs", { ...operator, Origin: dev.url }))[0]).toBe(201);

  // The emulator sets CF-Connecting-IP, as Cloudflare does.
  const wrong = { Authorization: "Bearer wrong" };
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask("GET", "/runs", wrong)));
  const codes = answers.map(([, code]) => code);
  expect(codes.filter((code) => code === "unauthorized")).toHaveLength(10);
  expect(codes.filter((code) => code === "too_many_attempts")).toHaveLength(2);
  expect(await ask("GET", "/me", viewer)).toEqual([200, null, "viewer"]);
});
