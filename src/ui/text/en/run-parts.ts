// Texts of the map, the events and the evidence of a run, and of the search for one request.
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
  ofDryRun: "A dry run sends nothing, and writes no evidence",
  notYet: "There is no evidence yet",
  notYetHint: "The run writes its evidence when it is delivered or aborted.",
  writing: "The evidence is being written",
  writingHint: (parts: string) =>
    `${parts} parts are written. The evidence is complete when the chain file is written.`,
  outdated: "The evidence is outdated",
  outdatedHint:
    "The ledger changed after the last evidence, for example by a decision. The run writes it again within a minute. Downloaded evidence stays valid for its time.",
  ready: "The evidence is written",
  readyHint: (parts: string) =>
    parts === "1" ? "1 part. Verify it below." : `${parts} parts. Verify them below.`,
  archive: "Archive",
  head: "Head of the chain",
  headHint:
    "Keep it with the ticket. It shows later whether any part was changed. An old head belongs to its old version only.",
  prefix: "In the bucket",
  elsewhere: "Verify offline, with Node 20 or later and unzip",
  generation: (n: string) =>
    `Each later decision makes a new version. The last part of this name is the number of the event with which this version began: ${n}.`,
  handOverHint: "Run, window, numbers, head of the chain, what they prove, and how to verify.",
  download: "Download the evidence",
  downloadAndVerify: "Download and verify",
  verify: "Get and verify",
  verifyHint:
    "Saves the archive and verifies it in this browser. Computes every hash of the chain again, counts all rows, and compares them with the summary and with the run's head. Nothing is sent.",
  verifyButton: "Verify the evidence",
  fromDisk: "Verify an archive from your disk…",
  notComplete: "You can verify the evidence when it is complete.",
  noCrypto: "This address has no TLS, so the browser has no WebCrypto. Verify with Node.",
  loading: "Loading the archive…",
  checking: (parts: string, of: string) => `Parts checked: ${parts} of ${of}`,
  verified: "Verified: the archive is what the run wrote, unchanged",
  verifiedCounts: (files: string, batches: string, events: string, lines: string) =>
    `${files} files, ${batches} batches, ${events} events, ${lines} lines sent and accepted.`,
  differs: "Not verified: the evidence differs",
  differsHint:
    "Someone changed the archive or the bucket, or the download is damaged. Or the archive belongs to another version of the evidence, with another head. Download it again. If it still differs, keep the archive and find out who can write to the bucket.",
  newer: "Newer evidence exists",
  newerHint: "A decision was made after this verification. Verify the new evidence.",
  numbersTitle: "What the numbers mean and prove",
  number: "Number",
  value: "Value",
  proves: "Proves",
  provesNot: "Does not prove",
  numbers: {
    sent: {
      name: "Delivered lines",
      proves:
        "The receiver accepted the batch of each line with a 2xx, or an operator settled it as delivered.",
      not: "It does not prove that the partner stored the lines.",
      none: ["This run delivered no line.", "It does not prove that the partner lacks the lines."],
    },
    read: {
      name: "Records read",
      proves: "“Sum” says what became of each record that was read.",
      not: "That Logpush wrote every request.",
      none: ["The run read no record.", "It does not prove that the window had no request."],
    },
    live: {
      name: "Delivered live",
      proves: "For each of these records, the bucket has a marker that the live worker delivered it.",
      not: "It does not prove that the partner stored the lines.",
      none: [
        "No record was left out because of a marker.",
        "It does not prove that the live worker delivered nothing.",
      ],
    },
    subrequests: {
      name: "Subrequests",
      proves: "Each of these records says that a Worker made the request, not a visitor. None is sent.",
      not: "It does not prove that Cloudflare marked each request correctly.",
      none: [
        "No record was left out as a subrequest.",
        "It does not prove that Cloudflare marked each request correctly.",
      ],
    },
    outside: {
      name: "Outside the window",
      proves: "The time of each of these records lies outside the window.",
      not: "It does not prove that another run or the live worker sent it.",
      none: ["No record that was read lies outside the window.", "It proves nothing about other windows."],
    },
    unreadable: {
      name: "Unreadable time",
      proves: "The time of each of these records cannot be read. None is sent.",
      not: "It does not prove that the record belongs to another window.",
      none: ["Each time can be read.", "It does not prove that each time is right."],
    },
    malformed: {
      name: "Malformed",
      proves: "Each of these lines is no JSON object, too long, or not UTF-8. No such line is sent.",
      not: "It does not prove what the line contained before it was damaged.",
      none: [
        "Each line that was read is a JSON object.",
        "It does not prove that each value in it is right.",
      ],
    },
    duplicate: {
      name: "Accepted twice",
      proves: "The answers of the receiver show how many lines it accepted more than once.",
      not: "It does not prove that the partner bills them twice.",
      none: [
        "No answer of the receiver shows a line that it accepted twice.",
        "It does not prove that POSTs without an answer were not accepted. Another number counts them.",
      ],
    },
    possible: {
      name: "Possibly accepted twice",
      proves:
        "At most this many lines may have been sent twice by this run, in addition to those accepted twice.",
      not: "It does not prove that any line arrived twice. It does not count POSTs with an answer that means “not delivered”.",
      none: [
        "Of the POSTs without a known outcome, none was sent again so that its lines may have arrived twice.",
        "It does not prove that no request is in two raw files.",
      ],
    },
    sentAgain: {
      name: "Sent again while the receiver remembered their token",
      proves: "The run sent these lines again with the same token, in time.",
      not: "It does not prove that the receiver removed duplicates.",
      none: ["No lines were sent again.", "It does not prove that the receiver removes duplicates."],
    },
    uncertain: {
      name: "POSTs with an unknown outcome",
      proves: "Each has a row with its batch, time and cause.",
      not: "It does not prove whether the POST arrived.",
      none: [
        "Each POST has a known outcome, or an operator settled its batch.",
        "It does not prove that the partner stored the lines.",
      ],
    },
    assumed: {
      name: "Attempts taken as not delivered",
      proves: "Each got an answer that means “not delivered”, such as 429 or 503.",
      not: "It does not prove that the receiver ignored the lines.",
      none: [
        "No answer had to be taken as “not delivered”.",
        "It does not prove that the partner stored the lines.",
      ],
    },
    exceptions: {
      name: "Exceptions",
      proves:
        "An operator approved an exception, or a part of a file could not be read. The events say who and why.",
      not: "It does not prove that the decision was right.",
      none: [
        "No operator approved an exception. A pause or resume does not count. Each file was read whole.",
        "It does not prove that the settings of the run were right.",
      ],
    },
    repeated: {
      name: "Repeated RayIDs",
      proves: "This many records repeat a RayID of their own file.",
      not: "It does not prove that no RayID is in two files. RayIDs of different files are not compared.",
      none: [
        "No record repeats a RayID of its own file.",
        "It does not prove that no RayID is in two files. RayIDs of different files are not compared.",
      ],
    },
    untracked: {
      name: "RayIDs that were not compared",
      proves: "This many records were not compared, because their file has too many RayIDs.",
      not: "It does not prove that these records repeat no RayID of their file.",
      none: [
        "Each RayID was compared with the others of its file.",
        "It does not prove anything about two files.",
      ],
    },
  },
} as const;

export const handOver = {
  copy: "Copy the text for an auditor",
  title: "Evidence of a replay of logs",
  run: "Run",
  outcome: "Outcome",
  outcomeOf: {
    delivered: "Delivered. No exception was made.",
    exceptions: (n: string) => `Delivered, with exceptions: ${n}. The events say who made them and why.`,
    open: (stage: string, lines: string) =>
      `Not delivered. Stage: ${stage}. Lines that were read and not sent: ${lines}.`,
  },
  continues: "Continues the run",
  continuesOf: (run: string, lines: string) =>
    `${run}. That run delivered ${lines} lines of this window, and this run does not send them again. Only the evidence of that run proves them.`,
  acceptedFiles: "Files accepted as they are",
  acceptedFilesOf: (n: string) =>
    `${n}. An operator accepted that records of these files are not sent. The sum may leave out records of these files. The evidence has a row for each file.`,
  window: "Window",
  delivered: "Delivered at",
  lines: "Lines sent and accepted",
  sum: "Sum",
  exceptions: "Exceptions",
  malformed: "Malformed records",
  malformedOf: (n: string) =>
    `${n}. They are no readable JSON objects, so they cannot be sent. The partner has no line for them.`,
  receiver: "Receiver",
  leftOut: "Not sent, outside the window, not delivered by the live worker",
  leftOutOf: (n: string, first: string, last: string) => `${n}, ${first} – ${last}`,
  canary: "Answer about the canary",
  accepted: "Meaning of accepted",
  acceptedMeans:
    "The receiver answered with a 2xx, or an operator settled the batch as delivered. Neither proves that the partner stored the lines.",
  head: "Head of the chain",
  archive: "Archive",
  verify: "Verify with Node 20 or later",
  expected: "A verified archive ends with exit code 0.",
} as const;

export const ray = {
  title: "Was one request sent? Search its RayID…",
  cost: "The API reads raw files again: at most 200 files and 20 s an answer. Reads of R2 and CPU time are billed. With a time, it reads the files near that time first. Needs the role operator.",
  near: "Near",
  search: "Search",
  goOn: "Search further files",
  notFound: "no file of the run has it.",
  notFoundYet: "not found so far.",
  looked: (files: string) => `Files searched: ${files}.`,
  unread: "Not searched to its end:",
  verdict: "Verdict",
  batch: "Batch",
  file: "File",
  posts: "POSTs",
  detail: "Detail",
  lineOfFile: (file: string, line: string) => `File ${file}, line ${line}`,
  lineOfBatch: (batch: string, line: string) => `Batch ${batch}, line ${line}`,
  certain: (accepted: string, lost: string) => `${accepted} accepted, ${lost} without an answer`,
  verdicts: {
    sent: "Sent",
    sent_by_earlier_run: "Sent by an earlier run",
    sent_by_live_worker: "Delivered live",
    maybe_sent: "Maybe sent",
    not_sent_yet: "Not sent yet",
    not_sent: "Not sent",
    unknown: "Unknown",
  },
} as const;
