// The folders of code, lowest first. A file imports only from its own folder and folders below it in this list.
// `.oxlintrc.json` has the same order as lint rules, and structure.test.ts compares the two.

export interface Layer {
  /** The path of the folder, with a "/" at the end. */
  folder: string;
  /** The pattern of an import from this folder, for `no-restricted-imports`. */
  pattern: string;
  /** Folders from which a folder of the Worker may import. */
  mayImport?: readonly string[];
}

const RUN = "durable-objects/backfill-run/";

function runFolder(name: string): Layer {
  return { folder: `${RUN}${name}/`, pattern: `(^|/)${name}/` };
}

/** The folders, the lowest first. */
export const LAYERS: readonly Layer[] = [
  { folder: "src/contract/", pattern: "(^|/)contract/" },
  { folder: "src/pipeline/", pattern: "(^|/)pipeline/" },
  { folder: "src/receivers/", pattern: "(^|/)receivers/" },
  { folder: "src/platform/", pattern: "(^|/)platform/" },
  { folder: "src/listing/", pattern: "(^|/)listing/" },
  { folder: "src/outbox/", pattern: "(^|/)outbox/" },
  runFolder("receiver"),
  runFolder("ledger"),
  runFolder("context"),
  runFolder("batches"),
  runFolder("stage"),
  runFolder("files"),
  runFolder("sending"),
  runFolder("views"),
  runFolder("proof"),
  runFolder("operator"),
  runFolder("clock"),
  { folder: "durable-objects/run-registry/", pattern: "(^|/)run-registry/" },
  { folder: "durable-objects/coverage/", pattern: "(^|/)coverage/" },
  { folder: "durable-objects/notifier/", pattern: "(^|/)notifier/" },
];

const SHARED = ["src/contract/", "src/pipeline/", "src/receivers/", "src/platform/"];

/** The stateless Worker. These folders never import code of a Durable Object. http and queues do not import each
 * other. http imports the listing, because POST /runs/plan lists the bucket like a run. The service uses the
 * functions of http. */
export const WORKER_FOLDERS: readonly Layer[] = [
  { folder: "src/http/", pattern: "(^|/)http/", mayImport: [...SHARED, "src/listing/"] },
  { folder: "src/queues/", pattern: "(^|/)queues/", mayImport: SHARED },
  { folder: "src/service/", pattern: "(^|/)service/", mayImport: [...SHARED, "src/http/"] },
];

/** Separate programs, which run outside the Worker. They use the HTTP API and import only types of the contract. No
 * other folder imports them. */
export const CLIENT_FOLDERS: readonly Layer[] = [
  { folder: "src/ui/", pattern: "(^|/)ui/", mayImport: ["src/contract/"] },
  { folder: "src/cli/", pattern: "(^|/)cli/", mayImport: ["src/contract/"] },
];

export const SHELLS: readonly string[] = [
  `${RUN}backfill-run.ts`,
  "durable-objects/run-registry/run-registry.ts",
  "durable-objects/coverage/coverage.ts",
  "durable-objects/notifier/notifier.ts",
];
