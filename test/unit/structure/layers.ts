// The rooms of the tree, from the ground up. A file imports only its own room and rooms below it; `.oxlintrc.json`
// holds the same order as lint rules, and structure.test.ts compares the two.

export interface Layer {
  /** Folder of the room, with its "/". */
  folder: string;
  /** How an import of it is recognised, as `no-restricted-imports` takes it. */
  pattern: string;
}

const RUN = "durable-objects/backfill-run/";

function room(name: string): Layer {
  return { folder: `${RUN}${name}/`, pattern: `(^|/)${name}/` };
}

/** Ground floor first. */
export const LAYERS: readonly Layer[] = [
  { folder: "src/contract/", pattern: "(^|/)contract/" },
  { folder: "src/pipeline/", pattern: "(^|/)pipeline/" },
  { folder: "src/platform/", pattern: "(^|/)platform/" },
  { folder: "src/listing/", pattern: "(^|/)listing/" },
  room("receiver"),
  room("ledger"),
  room("context"),
  room("batches"),
  room("stage"),
  room("files"),
  room("sending"),
  room("views"),
  room("proof"),
  room("operator"),
  room("clock"),
  { folder: "durable-objects/run-registry/", pattern: "(^|/)run-registry/" },
  { folder: "durable-objects/coverage/", pattern: "(^|/)coverage/" },
];

/** The stateless Worker: knows contract, platform and pipeline, never an object's inside, and never each other. */
export const WORKER_ROOMS: readonly Layer[] = [
  { folder: "src/http/", pattern: "(^|/)http/" },
  { folder: "src/queues/", pattern: "(^|/)queues/" },
];

export const SHELLS: readonly string[] = [
  `${RUN}backfill-run.ts`,
  "durable-objects/run-registry/run-registry.ts",
  "durable-objects/coverage/coverage.ts",
];
