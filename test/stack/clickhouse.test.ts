// A run to the real ClickHouse of Debian (package clickhouse-server, 18.16), which knows plain inserts and no tokens. Only
// with CLICKHOUSE_SERVER, the path of the program. Without a kill no record is stored twice.
import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DELIVERY_LIMIT_MS, WINDOW, expectedRayIds, startStack, tempDir } from "../support/stack.ts";

const PROGRAM = process.env["CLICKHOUSE_SERVER"];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts ClickHouse with its data in a temporary folder. Returns its address. */
async function startClickHouse(program: string): Promise<string> {
  const dir = await tempDir();
  const [http, tcp] = await Promise.all([freePort(), freePort()]);
  await Promise.all([mkdir(join(dir, "data")), mkdir(join(dir, "tmp"))]);
  await writeFile(
    join(dir, "users.xml"),
    `<yandex><profiles><default/></profiles><quotas><default/></quotas>
      <users><default><password/><networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile><quota>default</quota></default></users></yandex>`,
  );
  await writeFile(
    join(dir, "config.xml"),
    `<yandex><logger><level>error</level><console>1</console></logger><listen_host>127.0.0.1</listen_host>
      <http_port>${http}</http_port><tcp_port>${tcp}</tcp_port><path>${dir}/data/</path><tmp_path>${dir}/tmp/</tmp_path>
      <users_config>${dir}/users.xml</users_config><default_profile>default</default_profile>
      <default_database>default</default_database><mark_cache_size>100000000</mark_cache_size></yandex>`,
  );
  const child = spawn(program, [`--config-file=${join(dir, "config.xml")}`], { stdio: "ignore" });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  });
  const url = `http://127.0.0.1:${http}`;
  await expect.poll(async () => query(url, "SELECT 1").catch(() => ""), { timeout: 30_000 }).toBe("1\n");
  return url;
}

async function query(url: string, sql: string): Promise<string> {
  const response = await fetch(url, { method: "POST", body: sql });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

test.skipIf(PROGRAM === undefined)("stores every record once in a real ClickHouse", async () => {
  const url = await startClickHouse(PROGRAM ?? "");
  await query(
    url,
    "CREATE TABLE edge (RayID String, EdgeResponseStatus UInt16) ENGINE = MergeTree ORDER BY RayID",
  );
  const insert = "query=INSERT%20INTO%20edge%20FORMAT%20JSONEachRow&input_format_skip_unknown_fields=1";
  const receiver = { url: `${url}/?${insert}`, success: { statuses: [200] } };
  const stack = await startStack({
    logs: { files: 2, lines: 2_000 },
    vars: { RECEIVER: JSON.stringify(receiver) },
  });
  const run = await stack.api.startRun({ ...WINDOW, batch_size: 500 });
  const status = await stack.api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);
  const expected = expectedRayIds(stack.files).size;
  expect(status.log_lines_sent).toBe(expected);
  expect(await query(url, "SELECT count(), uniqExact(RayID) FROM edge")).toBe(`${expected}\t${expected}\n`);
});
