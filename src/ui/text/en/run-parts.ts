// Texts of the map, the events and the evidence of a run.
export const runMap = {
  grid: "Files over the window, five minutes a cell",
  hint: "Each cell is five minutes and shows its worst file. A cell leads to its files.",
  readout: "Point at a cell, or move with the arrow keys.",
  noFile: "The run has listed no file yet.",
  empty: "No file",
  setAside: "Batch needs a decision",
  cells: (n: string) => `× ${n}`,
  outside: "Files outside the window:",
  forPerson: "Needs you",
  nothing: "No cell needs you.",
  when: "When",
  worst: "Worst file",
  files: "Files in this state",
  firstSpans: (shown: string, all: string) => `The first ${shown} of ${all} are shown.`,
} as const;

export const runEvents = {
  title: "Events, oldest first",
  hint: "Events of people are shown in full. Events of the run itself are folded and counted by kind. An actor that begins with “unverified:” is a name that the caller gave.",
  none: "The run has no event yet.",
  by: "by",
  system: (n: string) => `${n} events of the run`,
  shown: (n: string) => `Events shown: ${n}`,
  allShown: (n: string) => `All events are shown: ${n}`,
} as const;

export const evidence = {
  notYet: "There is no evidence yet",
  notYetHint: "The run writes its evidence when it is delivered or aborted.",
  writing: "The evidence is being written",
  writingHint: (parts: string) =>
    `${parts} parts are written. The evidence is complete when the chain file is written.`,
  outdated: "The evidence is outdated",
  outdatedHint:
    "The ledger changed after the last evidence, for example by a decision. The run writes it again within a minute. Downloaded evidence stays valid for its time.",
  ready: "The evidence is complete",
  readyHint: (parts: string) => (parts === "1" ? "1 part." : `${parts} parts.`),
  archive: "Archive",
  head: "Head of the chain",
  headHint: "Keep it with the ticket. It shows later whether any part was changed.",
  prefix: "In the bucket",
  elsewhere: "Verify elsewhere, with Node only",
  download: "Download the evidence",
  verify: "Verify here",
  verifyHint:
    "Loads the archive into this browser. Computes every hash of the chain again, counts all rows, and compares them with the summary and with the run's head. Nothing is sent.",
  verifyButton: "Verify the evidence",
  fromDisk: "Or an archive from your disk",
  notComplete: "You can verify the evidence when it is complete.",
  noCrypto: "This address has no TLS, so the browser has no WebCrypto. Verify with Node.",
  loading: "Loading the archive…",
  checking: (parts: string, of: string) => `Parts checked: ${parts} of ${of}`,
  verified: "Verified: the evidence is what the run wrote",
  verifiedCounts: (files: string, batches: string, events: string, lines: string) =>
    `${files} files, ${batches} batches, ${events} events, ${lines} lines delivered.`,
  differs: "Not verified: the evidence differs",
  differsHint:
    "Someone changed the archive or the bucket, or the download is damaged. Download it again. If it still differs, keep the archive and find out who can write to the bucket.",
  newer: "Newer evidence exists",
  newerHint: "A decision was made after this verification. Verify the new evidence.",
  numbersTitle: "What the numbers prove",
  number: "Number",
  value: "Value",
  proves: "Proves",
  provesNot: "Does not prove",
  numbers: {
    sent: {
      name: "Delivered lines",
      proves:
        "The receiver accepted the batch of each line with a 2xx, or an operator settled it as delivered.",
      not: "That the partner stored the lines.",
    },
    read: {
      name: "Records read",
      proves: "Each record is sent, dropped for a named reason, or malformed.",
      not: "That Logpush wrote every request.",
    },
    live: {
      name: "Delivered live",
      proves: "For each of these records, the bucket has a marker that the live worker delivered it.",
      not: "That the partner stored the lines.",
    },
    malformed: {
      name: "Malformed",
      proves: "Each of these lines is no JSON object, too long, or not UTF-8. No such line is sent.",
      not: "What the line contained before it was damaged.",
    },
    duplicate: {
      name: "Accepted twice",
      proves: "The answers of the receiver show how many lines it accepted more than once.",
      not: "That the partner bills them twice.",
    },
    possible: {
      name: "Possibly accepted twice",
      proves:
        "At most this many lines may have been sent twice by this run, in addition to those accepted twice.",
      not: "That any line arrived twice.",
    },
    sentAgain: {
      name: "Sent again while the receiver remembered their token",
      proves: "The run sent these lines again with the same token, in time.",
      not: "That the receiver removed duplicates.",
    },
    uncertain: {
      name: "Uncertain attempts",
      proves: "Each has a row with its batch, time and cause.",
      not: "Whether the POST arrived.",
    },
    assumed: {
      name: "Attempts taken as not delivered",
      proves: "Each got an answer that means “not delivered”, such as 429 or 503.",
      not: "That the receiver ignored the lines.",
    },
    exceptions: {
      name: "Exceptions",
      proves: "An operator decided, or a part of a file could not be read. The events say who and why.",
      not: "That the decision was right.",
    },
    repeated: {
      name: "Repeated RayIDs",
      proves: "This many records repeat a RayID of their own file.",
      not: "Anything about different files.",
    },
  },
} as const;
