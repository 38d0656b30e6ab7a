// Access as in production: the Worker is a separate process, fetches the keys over HTTP, and keeps them between
// requests. test/workerd/http-actor.test.ts has the details.
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
