// The part of GET /notifications that the page uses. A deployment without notifications answers 404.
import type { Path } from "./paths.ts";

export interface Channel {
  name: string;
  kind: string | null;
  host: string | null;
  /** Why the channel cannot be used. Null: it can be used. */
  fault: string | null;
  last: { at: string; outcome: string; detail: string | null } | null;
  counts: { given_up: number };
  pending: number;
}

export interface Notifications {
  /** Why PUBLIC_URL or NOTIFY_CHANNELS cannot be used. */
  faults: { name: string; detail: string }[];
  channels: Channel[];
}

export const notificationPaths = {
  all: "/notifications" as Path<Notifications>,
  test: "/notifications/test" as Path<unknown>,
};
