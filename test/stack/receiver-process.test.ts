// The receiver as a user runs it: as a process with a control API that checks its requests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { startReceiver } from "../support/stack.ts";

test("refuses control requests that it does not understand, and changes nothing", async () => {
  const receiver = await startReceiver();
  receiver.behave({ latency_ms: 5, rules: [{ do: "hang", times: 1 }] });
  const control = async (body: string) => {
    const answer = await fetch(receiver.controlUrl, { method: "POST", body });
    return [answer.status, (await answer.json<{ error?: string }>()).error ?? null];
  };
  for (const [body, error] of [
    ["{", "the body is not JSON"],
    ["[]", "the behaviour"],
    ['{"latency": 5}', "latency"],
    ['{"latency_ms": -1}', "latency_ms"],
    ['{"latency_ms": [9, 1]}', "latency_ms"],
    ['{"rules": {}}', "rules"],
    ['{"rules": [{"do": "statuss", "status": 500}]}', "rules.0.do"],
    ['{"rules": [{"do": "status", "status": 99}]}', "rules.0.status"],
    ['{"rules": [{"do": "status", "status": 500, "retry_after": "a\\nb"}]}', "rules.0.retry_after"],
    ['{"rules": [{"do": "slow_read", "bytes_per_second": 0}]}', "rules.0.bytes_per_second"],
    ['{"rules": [{"do": "hang", "time": 1}]}', "rules.0.time"],
    ['{"latency_ms": 0, "refuse_ms": "soon"}', "refuse_ms"],
  ] as const) {
    expect(await control(body), body).toEqual([400, expect.stringContaining(error)]);
  }
  expect(receiver.book.rules()).toEqual([{ do: "hang", times: 1 }]);
  expect(receiver.book.latencyMs()).toBe(5);
  expect(await fetch(`${receiver.controlUrl}/nothing`)).toMatchObject({ status: 404 });
  expect(await fetch(receiver.controlUrl, { method: "PUT" })).toMatchObject({ status: 405 });
});

describe("the receiver as a process", () => {
  const ARGS = ["--uri", "/log/edge", "--key", "key"];

  test("says in one line that its port is taken", async () => {
    const receiver = await startReceiver();
    const { port } = new URL(receiver.url);
    const child = spawn(process.execPath, ["local/receiver.ts", ...ARGS, "--port", port]);
    const [errors, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);

    expect(errors).toBe(`receiver: port ${port} on 127.0.0.1 is in use\n`);
    expect(code).toBe(1);
  });

  test("ends when npm, which started it, is killed", async () => {
    const npm = spawn("npm", ["run", "-s", "receiver", "--", ...ARGS, "--port", "0"]);
    let url = "";
    for await (const line of createInterface({ input: npm.stdout })) {
      url = /^ready on (\S+),/.exec(line)?.[1] ?? "";
      if (url !== "") break;
    }
    expect((await fetch(url)).status).toBe(405);

    npm.kill("SIGKILL");

    const answers = () => fetch(url).then(() => true, () => false); // prettier-ignore
    await expect.poll(answers, { timeout: 10_000 }).toBe(false);
  });
});
