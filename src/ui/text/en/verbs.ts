// Texts of the buttons that change a run, and of their dialogs.
export const verbs = {
  pause: "Pause",
  pauseTitle: "Pause the active run",
  pauseNow: "No further batch is sent. Open POSTs end normally.",
  pauseLater: "The run keeps the slot until someone resumes or aborts it.",
} as const;
