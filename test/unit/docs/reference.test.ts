// The reference pages must list what the code has: routes, problem codes, states, state reasons, vars, log events.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ACCEPTABLE_CODES } from "../../../src/contract/operator.ts";
import { BATCH_STATES, CLEANUP_STATES, FILE_STATES, STAGES } from "../../../src/contract/states.ts";
import { ROUTE_ROLES } from "../../../src/http/route-roles.ts";
import { ROUTE_NAMES } from "../../../src/http/route-table.ts";
import { VAR_NAMES } from "../../../src/platform/vars.ts";
import { BATCH_PROBLEMS, FILE_PROBLEMS } from "../../../durable-objects/backfill-run/ledger/states.ts";
import { receiverCode } from "../../../durable-objects/backfill-run/receiver/failure-texts.ts";
import { codes, document, filesBelow, firstCells, headings, section, tableRows } from "./markdown.ts";

const HTTP_API = "docs/reference/http-api.md";
const PROBLEMS = "docs/reference/problems.md";
const REASONS = "docs/reference/state-reasons.md";
const EVENTS = "docs/reference/log-events.md";
const CONFIGURATION = "docs/reference/configuration.md";
const ARCHITECTURE = "docs/internals/architecture.md";
const MACHINES = "docs/internals/state-machines.md";

function sources(pattern: RegExp): string {
  const found = filesBelow().filter((file) => pattern.test(file) && file.endsWith(".ts"));
  return found.map((file) => readFileSync(file, "utf8")).join("\n");
}

function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].toSorted();
}

it("lists every route", () => {
  expect(sorted(firstCells(document(HTTP_API), "Routes"))).toEqual(sorted(ROUTE_NAMES));
});

it("gives every route a role, and documents it", () => {
  const roles = Object.entries(ROUTE_ROLES);
  const listed = tableRows(section(document(HTTP_API), "Routes"))
    .map(([route = "", role = ""]) => [codes(route)[0], role])
    .filter(([route]) => route !== "GET /health");
  expect(sorted(listed.map((row) => row.join(" needs ")))).toEqual(
    sorted(roles.map((row) => row.join(" needs "))),
  );
});

it("lists every step of a run's clock", () => {
  const text = readFileSync("durable-objects/backfill-run/context/step-back-off.ts", "utf8");
  const known = [...text.slice(0, text.indexOf(";")).matchAll(/"([a-z_]+)"/g)].map(([, name = ""]) => name);
  const listed = firstCells(document(ARCHITECTURE), "The clock");
  expect(sorted(listed)).toEqual(sorted(known));
});

it("lists every problem code", () => {
  const known = filesBelow()
    .filter((file) => /^src\/http\/problems\/([a-z]+-)?problems\.ts$/.test(file))
    .map((file) => readFileSync(file, "utf8"))
    .map((source) =>
      source.slice(source.indexOf("export type"), source.search(/^(const|(export )?function)/m)),
    )
    .flatMap((types) => [...types.matchAll(/"([a-z_]+)"/g)].map((found) => found[1] ?? ""));
  const listed = tableRows(document(PROBLEMS)).flatMap((row) => codes(row[1] ?? ""));
  expect(sorted(listed)).toEqual(sorted(known));
});

it.each([
  ["Stages", STAGES],
  ["Files", FILE_STATES],
  ["Batches", BATCH_STATES],
])("lists every state of %s", (heading, states) => {
  const listed = firstCells(document(MACHINES), heading);
  expect(sorted(listed)).toEqual(sorted(states));
});

it("names every state of a cleanup", () => {
  const text = document(MACHINES);
  expect(CLEANUP_STATES.filter((state) => !text.includes(state))).toEqual([]);
});

it("explains every state reason under a heading of its own", () => {
  const rooms = sources(
    /^durable-objects\/backfill-run\/(stage|context|receiver|listing)\/(?!unknown-run|suspicion)/,
  );
  const written = [...rooms.matchAll(/\bcode: "([a-z_]+)"/g)].map((found) => found[1] ?? "");
  const derived = [...FILE_PROBLEMS.map((state) => `${state}_files`), ...BATCH_PROBLEMS.map((state) => `${state}_batches`)]; // prettier-ignore
  const receiver = ["no_connection", "timeout", "reset"].map(receiverCode);
  const known = [...written, ...derived, ...receiver, ...ACCEPTABLE_CODES, "operator"];
  const explained = headings(document(REASONS)).flatMap(codes);
  const others = explained.filter((code) => !code.startsWith("receiver_http_"));
  expect(sorted(others)).toEqual(sorted(known));
});

it("explains every status that a receiver may answer", () => {
  const explained = new Set(headings(document(REASONS)).flatMap(codes));
  const statuses = Array.from({ length: 300 }, (_, n) => 300 + n);
  const unexplained = statuses.filter(
    (status) =>
      !explained.has(receiverCode(`http_${status}`)) &&
      !explained.has(receiverCode(`http_${Math.floor(status / 100)}xx`)),
  );
  expect(unexplained).toEqual([]);
});

it("lists every var and every secret", () => {
  const text = document(CONFIGURATION);
  expect(sorted([...firstCells(text, "Vars"), ...firstCells(text, "Secrets")])).toEqual(sorted(VAR_NAMES));
});

it("explains every log event under a heading of its own", () => {
  const code = sources(/^(src|durable-objects)\//);
  const known = [...code.matchAll(/\blog\(\s*"(?:debug|info|warn|error)",\s*"([a-z_.]+)"/g)].map((found) => found[1] ?? ""); // prettier-ignore
  expect(sorted(headings(document(EVENTS)).flatMap(codes))).toEqual(sorted(known));
});

it("lists the acceptable codes where an operator accepts them", () => {
  const text = document(HTTP_API);
  expect(ACCEPTABLE_CODES.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});
