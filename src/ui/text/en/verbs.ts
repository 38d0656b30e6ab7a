// Verbs of a run: the button, and what happens now and later.
export const verbs = {
  pause: "Pause",
  pauseTitle: "Pause the active run",
  pauseNow: "No further batch is sent. Open POSTs end normally.",
  pauseLater: "The run keeps the slot until someone resumes or aborts it.",
} as const;
