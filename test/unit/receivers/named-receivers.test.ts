// The secret RECEIVERS: what is accepted, what a fault shows, and which settings the runs of each receiver get.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkConfig, readConfig } from "../../../src/platform/config.ts";
import { readNamedReceivers } from "../../../src/platform/named-receivers.ts";
import { configFor, missingText, receiverNames } from "../../../src/platform/receiver-config.ts";

const PARTNER = {
  CTYUN_ENDPOINT: "https://recv.example",
  CTYUN_URI_EDGE: "/log/edge",
  CTYUN_PRIVATE_KEY: "k3y",
};
const SECRET = "s3cret-of-nobody-else";
const ACCOUNT = { kind: "ctyun", endpoint: "https://b.example", uri: "/in", private_key: SECRET };
const SIEM = { url: "https://siem.example/in", headers: { Authorization: SECRET } };

function faultsOf(json: unknown): string[] {
  const read = readNamedReceivers(typeof json === "string" ? json : JSON.stringify(json));
  return read.ok ? [] : read.faults;
}

function configOf(receivers: object, more: Record<string, string> = {}) {
  return readConfig({ ...PARTNER, ...more, RECEIVERS: JSON.stringify(receivers) });
}

describe("RECEIVERS", () => {
  it("takes receivers of both kinds, with caps and batch sizes of their own", () => {
    const read = readNamedReceivers(
      JSON.stringify({
        account: ACCOUNT,
        siem: { ...SIEM, kind: "http", max_lines_per_second: 500, batch_size: 200 },
      }),
    );
    if (!read.ok) throw new Error(read.faults.join("; "));
    expect([...read.receivers.keys()]).toEqual(["account", "siem"]);
    expect(read.receivers.get("account")).toMatchObject({
      receiver: { kind: "ctyun", endpoint: "https://b.example", uri: "/in", key: SECRET },
      maxLinesPerSecond: null,
      batchSize: null,
    });
    expect(read.receivers.get("siem")).toMatchObject({
      receiver: { kind: "http", endpoint: "https://siem.example", uri: "/in" },
      maxLinesPerSecond: 500,
      batchSize: 200,
    });
  });

  it("takes the example of the documents", () => {
    const text = readFileSync("docs/reference/receivers.md", "utf8");
    const [, example = ""] = /## Several receivers[\s\S]*?```json\n([\s\S]*?)```/.exec(text) ?? [];
    const read = readNamedReceivers(example);
    expect(read.ok && [...read.receivers.keys()]).toEqual(["siem", "account-b"]);
  });

  it("takes eight receivers and refuses the ninth", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`r${n}`, SIEM] as const));
    expect(faultsOf(many(8))).toEqual([]);
    expect(faultsOf(many(9))).toEqual([expect.stringContaining("at most 8 receivers")]);
  });

  it.each([
    ["no JSON", "{", "expected a JSON object"],
    ["a list", [], "expected a JSON object"],
    ["a text for a receiver", { siem: SECRET }, "/siem: expected a JSON object"],
    ["the name of the first receiver", { default: SIEM }, "/*: expected a name"],
    ["a name with other characters", { [SECRET.toUpperCase()]: SIEM }, "/*: expected a name"],
    ["an unknown kind", { siem: { ...SIEM, kind: SECRET } }, "/siem/kind: expected ctyun or http"],
    ["an http receiver without a URL", { siem: { headers: {} } }, "/siem/url: expected this member"],
    ["an account without a key", { b: { ...ACCOUNT, private_key: undefined } }, "/b/private_key: expected this member"],
    ["a body that is no object", { siem: { ...SIEM, body: SECRET } }, "/siem/body: expected an object"],
    ["a name of a header", { siem: { ...SIEM, headers: { [SECRET]: 1 } } }, "/siem/headers/*: expected"],
    ["an unknown member", { siem: { ...SIEM, [SECRET]: 1 } }, "/siem/*: expected no other member"],
    ["a member of the other kind", { b: { ...ACCOUNT, url: SECRET } }, "/b/*: expected no other member"],
    ["a path for an endpoint", { b: { ...ACCOUNT, endpoint: `https://x/${SECRET}` } }, "/b/endpoint: expected"],
    ["a URI that changes", { b: { ...ACCOUNT, uri: "/a/../b" } }, "/b/uri: expected a path"],
    ["an empty key", { b: { ...ACCOUNT, private_key: "\n" } }, "/b/private_key: expected the private key"],
    ["a cap below a batch", { siem: { ...SIEM, max_lines_per_second: 99 } }, "/siem/max_lines_per_second: expected"],
    ["a cap as text", { siem: { ...SIEM, max_lines_per_second: "500" } }, "/siem/max_lines_per_second: expected"],
    ["a batch above the cap", { siem: { ...SIEM, max_lines_per_second: 500, batch_size: 501 } }, "/siem/batch_size: expected at most max_lines_per_second"],
  ])("refuses %s, and shows the place without a text of the secret", (_what, json, fault) => {
    const faults = faultsOf(json);
    expect(faults).toEqual([expect.stringContaining(fault)]);
    expect(faults.join().toLowerCase()).not.toContain(SECRET);
  }); // prettier-ignore

  it("makes the whole configuration unusable, like every other secret", () => {
    const answer = checkConfig({ ...PARTNER, RECEIVERS: JSON.stringify({ siem: { url: SECRET } }) });
    expect(answer).toMatchObject({ ok: false, faults: [{ name: "RECEIVERS" }] });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });

  it("refuses the value of RECEIVER_ID as a name, because the metrics would be confused", () => {
    const env = { ...PARTNER, RECEIVERS: JSON.stringify({ ctyun: SIEM }) };
    expect(checkConfig(env)).toMatchObject({ ok: false, faults: [{ name: "RECEIVERS" }] });
    expect(checkConfig({ ...env, RECEIVER_ID: "partner" }).ok).toBe(true);
  });
});

describe("the configuration for one receiver", () => {
  const config = configOf({ account: ACCOUNT, siem: { ...SIEM, max_lines_per_second: 500 } });

  it("is the configuration of the deployment for the first receiver", () => {
    expect(configFor(config, null)).toBe(config);
    expect(config).toMatchObject({ receiverName: null, receiver: { endpoint: "https://recv.example" } });
    expect(receiverNames(config)).toEqual(["default", "account", "siem"]);
  });

  it("has this receiver and no other, even of the same kind", () => {
    const account = configFor(config, "account");
    expect(account.receiver).toMatchObject({ endpoint: "https://b.example" });
    expect(account.receivers).toMatchObject({ ctyun: { endpoint: "https://b.example" }, http: null });
    const siem = configFor(config, "siem");
    expect(siem.receivers).toMatchObject({ ctyun: null, http: { endpoint: "https://siem.example" } });
  });

  it("has the cap and the batch size of the receiver, and of the vars where the receiver has none", () => {
    expect(configFor(config, "siem")).toMatchObject({ maxLinesPerSecond: 500, batchSize: 500 });
    expect(configFor(config, "account")).toMatchObject({ maxLinesPerSecond: 100_000, batchSize: 1_000 });
    const higher = configOf({ siem: { ...SIEM, batch_size: 5_000 } }, { MAX_LINES_PER_SECOND: "2000" });
    expect(configFor(higher, "siem")).toMatchObject({ maxLinesPerSecond: 2_000, batchSize: 2_000 });
  });

  it("has no receiver for a name that is not in RECEIVERS, and never falls back to another", () => {
    const gone = configFor(config, "gone");
    expect(gone).toMatchObject({ receiver: null, receivers: { ctyun: null, http: null } });
    expect(missingText(gone, "http")).toBe("RECEIVERS has no receiver gone of the kind http");
    expect(missingText(configFor(config, "siem"), "ctyun")).toBe(
      "RECEIVERS has no receiver siem of the kind ctyun",
    );
  });
});
