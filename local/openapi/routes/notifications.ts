// Describes the routes about notifications.
import { NotificationsAnswer, TestMessagesAnswer } from "../../../src/contract/api/notifications.ts";
import { TEST_FIELDS } from "../../../src/http/deployment/notifications.ts";
import type { RouteDoc } from "../route-doc.ts";

export const NOTIFICATION_ROUTES = {
  "GET /notifications": {
    operationId: "showNotifications",
    tag: "Notifications",
    description: "Shows the channels, and the state of the newest notifications.",
    answers: { 200: { description: "The channels and notifications.", schema: NotificationsAnswer } },
    problems: [],
  },
  "POST /notifications/test": {
    operationId: "testNotifications",
    tag: "Notifications",
    description:
      "Sends a test message to one channel, or to all. Answers when each has answered or timed out.",
    body: { fields: TEST_FIELDS, mayBeEmpty: true, example: { channel: "on-call" } },
    answers: { 200: { description: "What each channel answered.", schema: TestMessagesAnswer } },
    problems: [],
  },
} satisfies { [route: string]: RouteDoc };
