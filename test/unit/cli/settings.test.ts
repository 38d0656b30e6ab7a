// Tests which API a command talks to, with which token, and what a token is never sent over.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { configPath, parseConfig } from "../../../src/cli/settings/config-file.ts";
import { checkedUrl, credentialHeaders, targetOf, tokenOf } from "../../../src/cli/settings/settings.ts";
import { runCli } from "../../support/cli-io.ts";

const dir = mkdtempSync(join(tmpdir(), "cli-settings-"));
afterAll(() => rmSync(dir, { recursive: true }));

const URL_A = "https://a.example.com";
const CONFIG = {
  current: "a",
  profiles: { a: { url: URL_A }, b: { url: "https://b.example.com", zone: "UTC" } },
};

describe("the API of a command", () => {
  it("comes from --profile, then BACKFILL_URL, then the current profile", () => {
    const env = { BACKFILL_URL: "https://env.example.com/" };
    expect(targetOf("b", env, CONFIG)).toMatchObject({ url: "https://b.example.com", profile: "b" });
    expect(targetOf(undefined, env, CONFIG)).toMatchObject({ url: "https://env.example.com", profile: null });
    expect(targetOf(undefined, {}, CONFIG)).toMatchObject({ url: URL_A, profile: "a" });
  });

  it("is refused when it is unknown", () => {
    expect(() => targetOf("c", {}, CONFIG)).toThrow('no profile "c"');
    expect(() => targetOf("toString", {}, CONFIG)).toThrow("no profile");
    expect(() => targetOf(undefined, {}, { current: null, profiles: {} })).toThrow("no API is named");
  });

  it.each(["http://example.com", "http://127.0.0.1.example.com", "ftp://example.com", "example.com", "https://u:p@example.com", "https://example.com/?x=1"])(
    "is never %s",
    (url) => {
      expect(() => checkedUrl(url, "--url")).toThrow("--url");
    },
  ); // prettier-ignore

  it("may be a loopback address without TLS", () => {
    expect(
      ["http://127.0.0.1:8787/", "http://localhost:1", "http://[::1]:1"].map((url) => checkedUrl(url, "")),
    ).toEqual(["http://127.0.0.1:8787", "http://localhost:1", "http://[::1]:1"]);
  });
});

describe("the token", () => {
  const file = join(dir, "token");
  writeFileSync(file, "from-file\n");
  const settings = { url: URL_A, token_command: "echo from-command" };

  it("comes from --token-file, then BACKFILL_TOKEN, then the profile", () => {
    const env = { BACKFILL_TOKEN: "from-env" };
    expect(tokenOf(file, env, settings)).toBe("from-file");
    expect(tokenOf(undefined, env, settings)).toBe("from-env");
    expect(tokenOf(undefined, {}, settings)).toBe("from-command");
    expect(tokenOf(undefined, {}, { url: URL_A, token_file: file })).toBe("from-file");
    expect(tokenOf(undefined, {}, { url: URL_A })).toBeNull();
  });

  it("is not shown when it is malformed", () => {
    const secret = "secret with spaces";
    expect(() => tokenOf(undefined, { BACKFILL_TOKEN: secret }, settings)).toThrow(
      "BACKFILL_TOKEN is no token",
    );
    expect(() => tokenOf(undefined, { BACKFILL_TOKEN: secret }, settings)).not.toThrow(/secret/);
    expect(() => tokenOf(undefined, {}, { url: URL_A, token_command: "exit 3" })).toThrow("exit 3");
  });

  it("has no flag, so it never stands in a list of processes", async () => {
    expect(await runCli(["runs", "--token", "x"])).toMatchObject({ exit: 2, out: "" });
  });

  it("goes along with the actor, and with a service token of Access", () => {
    const env = { BACKFILL_ACTOR: "li.wei", CF_ACCESS_CLIENT_ID: "id", CF_ACCESS_CLIENT_SECRET: "s" };
    expect(credentialHeaders("t", env, settings)).toEqual({
      Authorization: "Bearer t",
      "CF-Access-Client-Id": "id",
      "CF-Access-Client-Secret": "s",
      "X-Actor": "li.wei",
    });
    expect(credentialHeaders(null, { BACKFILL_ACTOR: "李伟" }, settings)).toEqual({});
  });
});

describe("profiles", () => {
  const env = { XDG_CONFIG_HOME: join(dir, "xdg"), HOME: dir };
  const cli = (...args: string[]) => runCli(args, { env });

  it("are added, listed, used and removed, and hold no token", async () => {
    expect((await cli("profile", "add", "local", "--url", "http://127.0.0.1:8787/")).exit).toBe(0);
    expect(
      (await cli("profile", "add", "prod", "--url", URL_A, "--token-command", "pass show x", "--zone", "UTC"))
        .exit,
    ).toBe(0);
    const listed = async () => (await cli("profile", "list", "--json")).out.trim().split("\n").map((line) => JSON.parse(line)); // prettier-ignore
    expect(await listed()).toEqual([
      { name: "local", current: true, url: "http://127.0.0.1:8787" },
      { name: "prod", current: false, url: URL_A, token_command: "pass show x", zone: "UTC" },
    ]);
    expect((await cli("profile", "use", "prod")).exit).toBe(0);
    expect((await cli("profile", "remove", "local")).exit).toBe(0);
    expect(await listed()).toMatchObject([{ name: "prod", current: true }]);
    expect(statSync(configPath(env)).mode & 0o777).toBe(0o600);
  });

  it("are refused without a change", async () => {
    const before = readFileSync(configPath(env), "utf8");
    const both = ["--token-file", "x", "--token-command", "y"];
    expect((await cli("profile", "add", "x", "--url", "http://example.com")).exit).toBe(2);
    expect((await cli("profile", "add", "x", "--url", URL_A, ...both)).exit).toBe(2);
    expect((await cli("profile", "add", "../x", "--url", URL_A)).exit).toBe(2);
    expect((await cli("profile", "use", "nowhere")).exit).toBe(1);
    expect((await cli("profile", "remove", "nowhere")).exit).toBe(1);
    expect(readFileSync(configPath(env), "utf8")).toBe(before);
  });

  it("in a damaged file are named, and not overwritten", async () => {
    writeFileSync(configPath(env), "{");
    const { exit, err } = await cli("profile", "list");
    expect([exit, err]).toEqual([1, expect.stringContaining(configPath(env))]);
    expect((await cli("profile", "add", "x", "--url", URL_A)).exit).toBe(1);
    expect(readFileSync(configPath(env), "utf8")).toBe("{");
  });

  it.each(["[]", "{}", '{"profiles":[]}', '{"profiles":{"a":{}}}', '{"profiles":{},"current":1}', '{"profiles":{"a":{"url":1}}}'])(
    "are not read from %s",
    (text) => {
      expect(parseConfig(text)).toBeNull();
    },
  ); // prettier-ignore
});
