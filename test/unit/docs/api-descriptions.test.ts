// Every part of the API document has a description that a new reader understands. The finder itself is tested first,
// because a finder that finds nothing would let every gap pass.
import { describe, expect, it } from "vitest";
import { undescribed } from "../../support/undescribed.ts";
import { API } from "../../support/document-check.ts";

type Json = { [member: string]: unknown };

/** A copy of the document in which the part at `path` lacks `member`. */
function without(path: readonly string[], member: string): Json {
  const copy = structuredClone(API) as unknown as Json;
  const part = path.reduce((inner, name) => inner[name] as Json, copy);
  if (!(member in part)) throw new Error(`${path.join(".")} has no ${member}`);
  delete part[member];
  return copy;
}

/** A copy of the document in which the part at `path` has another description. */
function withText(path: readonly string[], description: string): Json {
  const copy = structuredClone(API) as unknown as Json;
  const part = path.reduce((inner, name) => inner[name] as Json, copy);
  part["description"] = description;
  return copy;
}

const SCHEMAS = ["components", "schemas"];
const BATCH = [...SCHEMAS, "BatchItem"];

describe("the API document", () => {
  it("describes every member, parameter, header, schema, variant and value", () => {
    expect(undescribed(API as unknown as Json)).toEqual([]);
  });

  it("has each named schema once", () => {
    // The converter leaves a title where a named schema is not replaced by a reference.
    const schemas = JSON.stringify((API as unknown as { components: Json }).components["schemas"]);
    const titled = schemas.match(/"title":"[^"]*"/g);
    expect(titled ?? []).toEqual([]);
  });
});

describe("the finder of gaps", () => {
  it.each([
    ["a schema", BATCH, "BatchItem has no description"],
    ["a member", [...BATCH, "properties", "digest"], "BatchItem.digest has no description"],
    [
      "a member of an inner object",
      [...BATCH, "properties", "bytes", "properties", "raw"],
      "BatchItem.bytes.raw has no description",
    ],
    [
      "a member that refers to a named schema",
      [...BATCH, "properties", "state"],
      "BatchItem.state has no description",
    ],
    ["a variant", [...SCHEMAS, "WindowOutcome", "anyOf", "2"], "WindowOutcome/anyOf/2 has no description"],
    [
      "a query parameter",
      ["paths", "/runs", "get", "parameters", "0"],
      "//runs/get/parameters stage has no description",
    ],
    ["a header of a request", ["components", "parameters", "XActor"], "XActor X-Actor has no description"],
    ["a header of an answer", ["components", "headers", "Location"], "Location has no description"],
  ])("reports %s without a description", (_what, path, fault) => {
    expect(undescribed(without(path, "description"))).toContain(fault);
  });

  it("reports values of an enum that no text explains", () => {
    const faults = undescribed(without([...SCHEMAS, "Role"], "x-enumDescriptions"));
    for (const role of ["metrics", "viewer", "operator"])
      expect(faults).toContain(`Role does not explain ${role}`);
  });

  it("reports an explanation of a value that the enum lacks", () => {
    const copy = structuredClone(API) as unknown as { components: { schemas: { Role: { enum: string[] } } } };
    copy.components.schemas.Role.enum.pop();
    expect(undescribed(copy)).toContain("Role explains operator, which is no value");
  });

  it.each([
    ["No full stop", "BatchItem.digest does not end with a full stop"],
    ["One. Two. Three.", "BatchItem.digest has 3 sentences"],
    [`${"word ".repeat(20)}word.`, "BatchItem.digest has a sentence of 21 words"],
  ])("reports a text that is too long or no sentence: %s", (text, fault) => {
    const faults = undescribed(withText([...BATCH, "properties", "digest"], text));
    expect(faults).toContain(fault);
  });
});
