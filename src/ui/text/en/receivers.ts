// Texts that only a deployment with several receivers shows.
export const receivers = {
  title: "Receivers",
  name: "Receiver",
  kind: "Kind",
  cap: "Cap",
  settings: "Settings",
  usable: "can be used",
  unusable: "missing: its runs do not send",
  slot: "Slot",
  slotFree: "free",
  queues: "Queues",
  queuesHint: "Each receiver has a queue with its own window numbers. The page shows one queue.",
  shown: "shown below",
  waiting: "Waiting",
  queueState: "State",
  queueRuns: "not paused",
  queuePaused: "paused",
  unknown: "The deployment has no receiver with this name.",
  choiceHint: "Each receiver has its own slot, cap and queue.",
  noLive:
    "The run sends every line of the window. The markers of the live worker belong to the receiver “default”, so they do not show what this receiver has.",
  noHoles: "Holes are windows that the live worker did not deliver to the receiver “default”.",
} as const;
