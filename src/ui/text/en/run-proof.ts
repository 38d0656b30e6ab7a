// Texts about what a run proves: that nothing was sent twice, what left-out records are, and whether holes are closed.
export const twice = {
  title: "Was any line sent twice?",
  nothingSent: "No line was sent yet.",
  none: "The checks found no line that was sent twice. Some things were not checked.",
  noneByRun: "This run sent no line twice. It did not check what the live worker delivered.",
  onPurpose: "Yes, on purpose: an operator confirmed that lines of an earlier run are sent again.",
  noneSure: (posts: string) =>
    `No line was sent again. The outcome of some POSTs is not known: ${posts}. “Problems” lists each batch.`,
  onlyRemembered: (lines: string) =>
    `The run sent ${lines} lines again, each while the receiver remembered the token of its batch. Some things were not checked.`,
  assumed: "Sent again after an answer that means “not delivered”",
  assumedOf: (posts: string) =>
    `POSTs: ${posts}. They count as not delivered, so their lines are in no other number.`,
  some: (sure: string, maybe: string) =>
    `The receiver accepted more than once: ${sure} lines. At most this many more may have arrived twice: ${maybe}.`,
  liveSkipped: "Delivered live, not sent again",
  skipped: (lines: string, files: string) =>
    `${lines} lines. The bucket has the live worker’s marker for each of them. Files with markers: ${files}.`,
  ignored: "Not checked. The run sends every line of the window, also lines that the live worker delivered.",
  otherReceiver: "Does not apply. The live worker delivers to the partner, not to the receiver of this run.",
  size: "Size of the live worker’s batches",
  sizeOf: (records: string) => `${records} records.`,
  byFiles: (files: string) =>
    `Measured: ${files} files have exactly the markers of this size. No file contradicts it. The other files prove nothing: their markers are incomplete, or they have one batch only.`,
  byOperator: (files: string) =>
    `An operator accepted it: see the events. Files that have exactly the markers of this size: ${files}.`,
  byNobody: "Not proven yet. Until then the run holds the lines of every file with markers.",
  waited: (sent: string, meanwhile: string) =>
    `Sent while the live worker’s batch had no answer: ${sent} lines. Delivered live after the run had read the file: ${meanwhile} lines. Both count as possibly sent twice.`,
  waitedName: "Live worker’s batches that came late",
  earlier: "Earlier runs",
  earlierNone: "No other run sent lines of this window. Otherwise the API would have refused the start.",
  earlierReplay: "An operator confirmed that lines of an earlier run are sent again.",
  earlierContinued: (lines: string) =>
    `The run before this one delivered ${lines} lines. They are not sent again.`,
  duplicates: "Accepted twice",
  possible: "Possibly accepted twice",
  sentAgain: "Sent again while the receiver remembered their token",
  uncertain: "POSTs with an unknown outcome",
  held: "Their batches wait for an operator.",
  decided: "Operators decided what becomes of their batches: see the events.",
  resent: "Their batches are sent again.",
  notChecked: "Not checked",
  rays: (repeated: string) =>
    `RayIDs are not compared across files. If Logpush wrote a request into two files, both lines are sent. Records that repeat a RayID of their own file: ${repeated}.`,
  raysDropped: "The run leaves these records out.",
  marker:
    "If the live worker delivered a batch but wrote no marker, this run sends the batch again. The lines then arrive twice.",
  risk: "Risk",
} as const;

/** What the records are that a run leaves out. */
export const meanings = {
  not_top_level:
    "Requests that a Worker of the zone made while it answered a visitor. The partner is owed one line for each request of a visitor.",
  invalid_timestamp:
    "The time of the record cannot be read, so its window is unknown. If a file has too many, an operator decides.",
  outside_window: "Files at the edges also contain records outside the window. This run does not send them.",
  delivered_live: "The bucket has a marker that the live worker delivered the batch of these records.",
  repeated_ray_id: "The RayID occurs earlier in the same file, and this run leaves repeats out.",
  malformed:
    "No JSON object, too long, or not UTF-8, so no line can be made of it. If a file has too many, an operator decides.",
} as const;

export const canary = {
  left: "Left to send",
  leftOf: (lines: string, batches: string) => `Lines: ${lines} · batches: ${batches}`,
  unread: (files: string) => `Files not read yet: ${files}`,
  held: "Still held",
  heldOf: (lines: string, batches: string) => `Lines: ${lines} · batches: ${batches}.`,
  heldForSize: (batches: string) =>
    `Batches that wait for the proof of the size of the live worker's batches: ${batches}. The run sends them when the size is proven.`,
  heldForFile: (batches: string) => `Batches that wait for the decision about their file: ${batches}.`,
  heldForPerson: (batches: string) => `Batches that wait for your decision: ${batches}.`,
  question: "Did the partner confirm these batches?",
  confirmed: "Yes, the partner confirmed them",
  unanswered: "The partner was asked and has not answered",
  ownCheck: "We checked them ourselves only",
  notAsked: "No, the partner was not asked",
  choose: "Choose an answer. It is recorded with the run.",
  recorded: "Your answer is put in front of the note. The events and the evidence contain it.",
  notPart: "Not sent, so not part of the canary:",
  more: (batches: string) => `and ${batches} more`,
} as const;
