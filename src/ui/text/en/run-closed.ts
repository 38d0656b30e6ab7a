/** What Coverage says about the window of a delivered run. */
export const closed = {
  title: "Coverage of this window",
  looking: "Coverage still checks this window.",
  unknown: "Coverage does not answer, so it is not known whether a hole is left.",
  noLive: "Coverage sees no live worker, so it knows no hole.",
  done: "Closed. Every hole that touches this window was replayed:",
  open: "A hole that touches this window is still open:",
  none: "Coverage knows no hole in this window.",
  possible: "Some cells are too recent to judge.",
  link: "Show in Coverage",
} as const;
