// The paths of the API for the window queues. Each receiver has a queue. Null: the queue of the first receiver.
import type {
  QueueAnswer, QueueWindowsAnswer, WindowAnswer, WindowListAnswer,
} from "../../contract/api/api-types.ts"; // prettier-ignore
import { queryText, type Path, type Query } from "./paths.ts";

export const queuePaths = {
  add: "/windows" as Path<QueueWindowsAnswer>,
  windows: (query: Query) => `/windows${queryText(query)}` as Path<WindowListAnswer>,
  window: (id: number, receiver: string | null) =>
    `/windows/${id}${queryText({ receiver })}` as Path<WindowAnswer>,
  move: (id: number, receiver: string | null) =>
    `/windows/${id}/move${queryText({ receiver })}` as Path<WindowAnswer>,
  pause: (receiver: string | null) => `/windows/pause${queryText({ receiver })}` as Path<QueueAnswer>,
  resume: (receiver: string | null) => `/windows/resume${queryText({ receiver })}` as Path<QueueAnswer>,
};
