// The addresses of notifications.
import type { NotificationsAnswer, TestMessagesAnswer } from "../../contract/api/api-types.ts";
import type { Path } from "./paths.ts";

export const notificationPaths = {
  all: "/notifications" as Path<NotificationsAnswer>,
  test: "/notifications/test" as Path<TestMessagesAnswer>,
};
