import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkConfig, readConfig, type Config } from "../../src/platform/config.ts";
import type { Secrets, Vars } from "../../src/platform/env.ts";

const SECRETS = {
  CTYUN_ENDPOINT: "https://recv.example",
  CTYUN_URI_EDGE: "/log/edge",
  CTYUN_PRIVATE_KEY: "k3y",
  API_TOKEN: "t0ken",
};

function faultsOf(env: Vars & Secrets): string[] {
  const answer = checkConfig(env);
  return answer.ok ? [] : answer.faults.map((fault) => fault.name);
}

/** Reads the [vars] table of wrangler.toml, which has only lines like `NAME = "value"`. */
function shippedVars(): Record<string, string> {
  const text = readFileSync("wrangler.toml", "utf8").split("[vars]")[1] ?? "";
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+) = "(.*)"$/gm)].map((match) => [match[1], match[2]]),
  );
}

describe("config", () => {
  it("uses the defaults that wrangler.toml ships, so that an absent var changes only the kill switch", () => {
    const shipped = shippedVars();
    expect(Object.keys(shipped)).toHaveLength(23);
    expect(readConfig({ ...shipped, ...SECRETS })).toEqual({ ...readConfig(SECRETS), enabled: true });
  });

  it('starts nothing when the kill switch is absent or anything but exactly "true"', () => {
    for (const value of [undefined, "", "false", "TRUE", "1", " true"]) {
      expect(readConfig(value === undefined ? {} : { BACKFILL_ENABLED: value }).enabled).toBe(false);
    }
    expect(readConfig({ BACKFILL_ENABLED: "true" }).enabled).toBe(true);
  });

  const bad: [keyof Vars, string[]][] = [
    ["BACKFILL_RATE", ["0", "101", "AUTO", "", "1.5"]],
    ["BATCH_SIZE", ["99", "5001", "1e3", "-100", " 1000", ""]],
    ["MAX_LINES_PER_SECOND", ["99", "10000001", "many"]],
    ["PACE_JITTER_MS", ["-1", "1001"]],
    ["SEND_TIMEOUT_MS", ["99", "840001"]],
    ["LOG_PREFIX", ["logs", "/logs/", "processed-backfill/", "backfill-reports/x/"]],
    ["LATE_MARGIN_MINUTES", ["1441", "ten"]],
    ["LOOKBACK_MINUTES", ["1441"]],
    ["SINGLE_STAMP_SPAN_MS", ["86400001"]],
    ["MAX_LINE_BYTES", ["1023"]],
    ["MAX_SUSPECT_RATIO", ["", "1.1", "-0.1", "1%", "1e-2", ".01", "0.", "0x0", " 0"]],
    ["CLEANUP_GRACE_MS", ["-1"]],
    ["RECEIVER_ID", ["", "a b", "-x", "x".repeat(65)]],
    ["LOG_LEVEL", ["INFO", "trace"]],
    ["SUCCESS_PATTERN", ["(", "[a"]],
    [
      "ACCESS_TEAM_DOMAIN",
      [
        "team",
        "team.cloudflareaccess.com",
        "http://team.cloudflareaccess.com",
        "https://team.cloudflareaccess.com/cdn-cgi",
        "https://team.cloudflareaccess.com?x",
        "https://me@team.cloudflareaccess.com",
        "ftp://127.0.0.1",
      ],
    ],
    ["ACCESS_AUD", ["f".repeat(63), "F".repeat(64), "0f8fad5b-d9cb-469f-a165-70867728950e"]],
  ];
  it.each(bad)("refuses a %s that makes no sense, and names it", (name, values) => {
    for (const value of values) expect(faultsOf({ [name]: value })[0], `${name}=${value}`).toBe(name);
  });

  it("lowers the batch size to the cap, because a larger batch could never be sent", () => {
    expect(readConfig({ BATCH_SIZE: "1000", MAX_LINES_PER_SECOND: "500" }).batchSize).toBe(500);
    expect(readConfig({ BATCH_SIZE: "1000", MAX_LINES_PER_SECOND: "1000" }).batchSize).toBe(1000);
  });

  it("names every bad var at once, so that they are mended in one deployment", () => {
    expect(faultsOf({ BATCH_SIZE: "x", LOG_LEVEL: "x", LOG_PREFIX: "x" })).toEqual([
      "BATCH_SIZE",
      "LOG_PREFIX",
      "LOG_LEVEL",
    ]);
  });

  it("lists the missing receiver secrets by name, counting an empty one as missing", () => {
    const config = readConfig({ ...SECRETS, CTYUN_URI_EDGE: "", CTYUN_PRIVATE_KEY: "" });
    expect(config.receiver).toBeNull();
    expect(config.missingSecrets).toEqual(["CTYUN_URI_EDGE", "CTYUN_PRIVATE_KEY"]);
    expect(readConfig({}).apiToken).toBeNull();
  });

  it("trims the API token, because a pasted secret may end in a line feed", () => {
    expect(readConfig({ API_TOKEN: " t0ken\n" }).apiToken).toBe("t0ken");
    expect(readConfig({ API_TOKEN: " \n" }).apiToken).toBeNull();
  });

  it("never repeats a value in a fault, because a secret may be in the wrong var", () => {
    const secret = "hunter2-hunter2";
    const names = [...bad.map(([name]) => name), "CTYUN_ENDPOINT", "CTYUN_URI_EDGE"];
    for (const name of names) {
      const answer = checkConfig({ [name]: `${secret}(` });
      expect(JSON.stringify(answer).includes(secret) && !answer.ok, name).toBe(false);
      expect(() => readConfig({ [name]: `${secret}(` }), name).not.toThrow(secret);
    }
  });

  it("reads an Access team from both vars, and uses no Access when both are absent or empty", () => {
    const audience = "0123456789abcdef".repeat(4);
    for (const domain of ["https://team.cloudflareaccess.com", "https://team.cloudflareaccess.com/"]) {
      expect(readConfig({ ACCESS_TEAM_DOMAIN: domain, ACCESS_AUD: audience }).access).toEqual({
        teamDomain: "https://team.cloudflareaccess.com",
        audience,
      });
    }
    expect(readConfig({}).access).toBeNull();
    expect(readConfig({ ACCESS_TEAM_DOMAIN: "", ACCESS_AUD: "" }).access).toBeNull();
  });

  it("takes an Access team without TLS on this machine only", () => {
    for (const domain of ["http://127.0.0.1:8791", "http://localhost:8791", "http://[::1]:8791"]) {
      const { access } = readConfig({ ACCESS_TEAM_DOMAIN: domain, ACCESS_AUD: "f".repeat(64) });
      expect(access?.teamDomain).toBe(domain);
    }
  });

  it("refuses one half of the Access vars, and names the other half", () => {
    expect(faultsOf({ ACCESS_TEAM_DOMAIN: "https://team.cloudflareaccess.com" })).toEqual(["ACCESS_AUD"]);
    expect(faultsOf({ ACCESS_AUD: "f".repeat(64) })).toEqual(["ACCESS_TEAM_DOMAIN"]);
    expect(faultsOf({ ACCESS_AUD: "f".repeat(64), ACCESS_TEAM_DOMAIN: "" })).toEqual(["ACCESS_TEAM_DOMAIN"]);
  });

  const hash = "0123456789abcdef".repeat(4);
  const viewer = { name: "grafana", role: "viewer", sha256: hash };
  const other = { ...viewer, sha256: hash.replace("0", "f") };

  it("reads API_TOKENS, and allows two tokens of one name while it is rotated", () => {
    const tokens = JSON.stringify([{ ...viewer, sha256: hash.toUpperCase() }, other]);
    expect(readConfig({ API_TOKENS: `${tokens}\n` }).apiTokens).toEqual([viewer, other]);
    for (const API_TOKENS of ["", "[]"]) expect(readConfig({ API_TOKENS }).apiTokens).toEqual([]);
    expect(readConfig({}).apiTokens).toEqual([]);
  });

  it.each([
    "hunter2",
    "{}",
    "null",
    "[1]",
    '[{"name":"hunter2"}]',
    JSON.stringify([{ ...viewer, role: "hunter2" }]),
    JSON.stringify([{ ...viewer, role: "Operator" }]),
    JSON.stringify([{ ...viewer, sha256: "hunter2" }]),
    JSON.stringify([{ ...viewer, hunter2: "hunter2" }]),
    JSON.stringify([{ ...viewer, name: "hunter 2" }]),
    JSON.stringify([viewer, { ...viewer, name: "other" }]),
    JSON.stringify([viewer, { ...other, role: "operator" }]),
    JSON.stringify(Array.from({ length: 51 }, () => viewer)),
  ])("refuses API_TOKENS that cannot be read, and repeats nothing of it: %s", (API_TOKENS) => {
    const answer = checkConfig({ API_TOKENS });
    expect(answer).toMatchObject({ ok: false, faults: [{ name: "API_TOKENS" }] });
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|0123456789abcdef/);
  });

  const team = { ACCESS_TEAM_DOMAIN: "https://team.cloudflareaccess.com", ACCESS_AUD: hash };

  it("reads ACCESS_ROLES, with e-mails and domains in lower case", () => {
    const ACCESS_ROLES =
      '{"@Example.com":"viewer","Li.Wei@example.com":"operator","group:On@Call":"viewer","A.access":"metrics"}';
    expect([...(readConfig({ ...team, ACCESS_ROLES }).accessRoles ?? [])]).toEqual([
      ["@example.com", "viewer"],
      ["li.wei@example.com", "operator"],
      ["group:On@Call", "viewer"],
      ["A.access", "metrics"],
    ]);
    expect(readConfig(team).accessRoles).toBeNull();
    expect(readConfig({ ...team, ACCESS_ROLES: "{}" }).accessRoles?.size).toBe(0);
    expect(faultsOf({ ACCESS_ROLES })).toEqual(["ACCESS_TEAM_DOMAIN"]);
  });

  it.each([
    "hunter2",
    "[]",
    "null",
    '"hunter2"',
    '{"hunter2":"admin"}',
    '{"hunter2@":"viewer"}',
    '{"a@hunter2@b":"viewer"}',
    '{"":"viewer"}',
    '{"group:":"viewer"}',
    '{" hunter2":"viewer"}',
    '{"hunter2@x.test":["viewer"]}',
    '{"A@x.test":"viewer","a@x.test":"operator"}',
  ])("refuses ACCESS_ROLES that cannot be read, and repeats nothing of it: %s", (ACCESS_ROLES) => {
    const answer = checkConfig({ ...team, ACCESS_ROLES });
    expect(answer).toMatchObject({ ok: false, faults: [{ name: "ACCESS_ROLES" }] });
    expect(JSON.stringify(answer)).not.toContain("hunter2");
  });

  it("takes an empty LOG_PREFIX, because Logpush may write at the root of the bucket", () => {
    expect(readConfig({ LOG_PREFIX: "" }).logPrefix).toBe("");
  });

  it("converts minutes to milliseconds and the pattern to a regular expression", () => {
    const config: Config = readConfig({
      LATE_MARGIN_MINUTES: "3",
      LOOKBACK_MINUTES: "2",
      SUCCESS_PATTERN: '"code":0',
    });
    expect([config.lateMarginMs, config.lookbackMs]).toEqual([180_000, 120_000]);
    expect(config.successPattern?.matches('{"code":0}')).toBe(true);
  });
});
