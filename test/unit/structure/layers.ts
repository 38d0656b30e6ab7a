// The rooms of the tree, lowest first. A file imports only from its own room and rooms below it. `.oxlintrc.json` has
// the same order as lint rules, and structure.test.ts compares the two.

export interface Layer {
  /** The room's folder, with its "/". */
  folder: string;
  /** The pattern of an import of this room, for `no-restricted-imports`. */
  pattern: string;
  /** Rooms that a room of the Worker may import. */
  knows?: readonly string[];
}

const RUN = "durable-objects/backfill-run/";

function room(name: string): Layer {
  return { folder: `${RUN}${name}/`, pattern: `(^|/)${name}/` };
}

/** Lowest room first. */
export const LAYERS: readonly Layer[] = [
  { folder: "src/contract/", pattern: "(^|/)contract/" },
  { folder: "src/pipeline/", pattern: "(^|/)pipeline/" },
  { folder: "src/platform/", pattern: "(^|/)platform/" },
  { folder: "src/listing/", pattern: "(^|/)listing/" },
  { folder: "src/outbox/", pattern: "(^|/)outbox/" },
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
  { folder: "durable-objects/notifier/", pattern: "(^|/)notifier/" },
];

const SHARED = ["src/contract/", "src/pipeline/", "src/platform/"];

/** The stateless Worker. These rooms never import code of a Durable Object. http and queues do not import each
 * other. http imports the listing, because POST /runs/plan lists the bucket like a run. The service uses the
 * functions of http. */
export const WORKER_ROOMS: readonly Layer[] = [
  { folder: "src/http/", pattern: "(^|/)http/", knows: [...SHARED, "src/listing/"] },
  { folder: "src/queues/", pattern: "(^|/)queues/", knows: SHARED },
  { folder: "src/service/", pattern: "(^|/)service/", knows: [...SHARED, "src/http/"] },
];

/** Programs of their own, which run elsewhere. They know the HTTP API and the types of the contract. No other room
 * imports them. */
export const CLIENT_ROOMS: readonly Layer[] = [
  { folder: "src/ui/", pattern: "(^|/)ui/", knows: ["src/contract/"] },
  { folder: "src/cli/", pattern: "(^|/)cli/", knows: ["src/contract/"] },
];

export const SHELLS: readonly string[] = [
  `${RUN}backfill-run.ts`,
  "durable-objects/run-registry/run-registry.ts",
  "durable-objects/coverage/coverage.ts",
  "durable-objects/notifier/notifier.ts",
];
