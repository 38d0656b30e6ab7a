// The paths of the API, each with the type of its answer. Components get data with `useFeed(paths.run(id))`.
import type {
  AutoReplayAnswer, BatchListAnswer, CommandAnswer, CoverageAnswer, DoctorAnswer, EventListAnswer, FileListAnswer, HealthAnswer,
  MalformedListAnswer, MeAnswer, RayAnswer, RunListAnswer, RunMapAnswer, RunStatusAnswer, SeriesAnswer, StatsAnswer, SystemAnswer,
} from "../../contract/api/api-types.ts"; // prettier-ignore

/** A path of the API as text. TypeScript also records the type of its answer. `answer` exists only for the compiler
 * and never has a value. */
export type Path<T> = string & { readonly answer?: T };

export const paths = {
  health: "/health" as Path<HealthAnswer>,
  me: "/me" as Path<MeAnswer>,
  system: "/system" as Path<SystemAnswer>,
  doctor: "/doctor" as Path<DoctorAnswer>,
  openApi: "/openapi.json" as Path<Blob>,
  autoReplay: "/auto-replay" as Path<AutoReplayAnswer>,
  run: (id: string) => `/runs/${encodeURIComponent(id)}` as Path<RunStatusAnswer>,
  /** A command to a run, such as "pause". */
  runVerb: (id: string, verb: string) => `/runs/${encodeURIComponent(id)}/${verb}` as Path<CommandAnswer>,
  /** A command about one file of a run. The path after it is for a command about one batch. */
  fileVerb: (id: string, file: number, verb: string) =>
    `/runs/${id}/files/${file}/${verb}` as Path<CommandAnswer>,
  batchVerb: (id: string, batch: number, verb: string) =>
    `/runs/${id}/batches/${batch}/${verb}` as Path<CommandAnswer>,
  series: (id: string) => `/runs/${encodeURIComponent(id)}/series` as Path<SeriesAnswer>,
  files: (id: string, query: Query) =>
    `/runs/${encodeURIComponent(id)}/files${queryText(query)}` as Path<FileListAnswer>,
  batches: (id: string, query: Query) =>
    `/runs/${encodeURIComponent(id)}/batches${queryText(query)}` as Path<BatchListAnswer>,
  events: (id: string, query: Query) =>
    `/runs/${encodeURIComponent(id)}/events${queryText(query)}` as Path<EventListAnswer>,
  malformed: (id: string, query: Query) =>
    `/runs/${encodeURIComponent(id)}/samples${queryText(query)}` as Path<MalformedListAnswer>,
  map: (id: string) => `/runs/${encodeURIComponent(id)}/map` as Path<RunMapAnswer>,
  ray: (id: string, ray: string, query: Query) =>
    `/runs/${encodeURIComponent(id)}/rays/${encodeURIComponent(ray)}${queryText(query)}` as Path<RayAnswer>,
  evidence: (id: string) => `/runs/${encodeURIComponent(id)}/evidence.zip` as Path<Blob>,
  /** A POST to this path starts a run. */
  start: "/runs" as Path<RunStatusAnswer>,
  stats: (query: Query) => `/stats${queryText(query)}` as Path<StatsAnswer>,
  runs: (query: Query) => `/runs${queryText(query)}` as Path<RunListAnswer>,
  coverage: (query: Query) => `/coverage${queryText(query)}` as Path<CoverageAnswer>,
};

/** Parameters without a value are left out. */
export type Query = Readonly<Record<string, string | number | null | undefined>>;

/** Returns a text such as "?a=1&b=2". "" if there are no parameters. */
export function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
