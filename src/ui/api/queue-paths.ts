// The paths of the API for the window queue.
import type {
  QueueAnswer, QueueWindowsAnswer, WindowAnswer, WindowListAnswer,
} from "../../contract/api/api-types.ts"; // prettier-ignore
import { queryText, type Path, type Query } from "./paths.ts";

export const queuePaths = {
  add: "/windows" as Path<QueueWindowsAnswer>,
  windows: (query: Query) => `/windows${queryText(query)}` as Path<WindowListAnswer>,
  window: (id: number) => `/windows/${id}` as Path<WindowAnswer>,
  move: (id: number) => `/windows/${id}/move` as Path<WindowAnswer>,
  pause: "/windows/pause" as Path<QueueAnswer>,
  resume: "/windows/resume" as Path<QueueAnswer>,
};
