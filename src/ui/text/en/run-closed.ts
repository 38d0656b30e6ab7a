/** What Coverage says about the window of a delivered run, and what lies just outside the window. */
export const closed = {
  acceptedFiles: (n: string) =>
    `Not closed by this run: ${n} files that an operator accepted as they are. Records of them were not sent.`,
  title: "Coverage of this window",
  looking: "Coverage still checks this window.",
  unknown: "Coverage does not answer, so it is not known whether a hole is left.",
  noLive: "Coverage sees no live worker, so it knows no hole.",
  done: "Closed. Every hole that touches this window was replayed:",
  open: "A hole that touches this window is still open:",
  none: "Coverage knows no hole in this window.",
  possible: "Some cells are too recent to judge.",
  link: "Show in Coverage",
  leftOut: (n: string) =>
    n === "1"
      ? "1 record outside the window was not delivered by the live worker"
      : `${n} records outside the window were not delivered by the live worker`,
  leftOutTimes: "This run does not send them. Their times:",
  leftOutHint:
    "A record may begin before its raw file. Another run may have sent these records. If none has, replay this part too.",
  planLeftOut: (window: string) => `Plan ${window}…`,
} as const;
