// All checks of a deployment, with the possible outcomes and their remedies. docs/reference/doctor.md shows this
// table.
import { OK, fault, warning, type DeclaredChecks, type Finding } from "../../contract/doctor.ts";

export const DEPLOYMENT_CHECKS = {
  vars: {
    question: "Can every var and secret be used, and is no name misspelt?",
    outcomes: {
      usable: OK,
      misspelt: warning("Correct the name, deploy, and remove the wrong name."),
      invalid: fault("Set an accepted value, and deploy."),
    },
  },
  kill_switch: {
    question: "May runs send?",
    outcomes: {
      on: OK,
      off: warning('Deploy with `BACKFILL_ENABLED = "true"` when runs may send.'),
    },
  },
  secrets: {
    question: "Are the secrets of the receiver set?",
    outcomes: {
      set: OK,
      missing: fault("Set each secret with `npx wrangler secret put NAME`."),
    },
  },
  auto_replay: {
    question: "Do new runs send to the receiver whose holes `AUTO_REPLAY` finds?",
    outcomes: {
      off: OK,
      watches: OK,
      other_receiver: warning(
        "Set `AUTO_REPLAY` to `off`: it finds holes of the partner, and queues none while `RECEIVER` is set.",
      ),
    },
  },
  callers: {
    question: "Does each person and script have a name and a role?",
    outcomes: {
      named: OK,
      shared: warning("Set `API_TOKENS`, or `ACCESS_ROLES`."),
    },
  },
  access: {
    question: "Can the keys of the Cloudflare Access team be fetched?",
    outcomes: {
      unused: OK,
      reachable: OK,
      unreachable: fault("Correct `ACCESS_TEAM_DOMAIN`. Until then changes through Access are refused."),
    },
  },
  channels: {
    question: "Can every notification channel be used? No message is sent.",
    outcomes: {
      usable: OK,
      none: warning("Set `NOTIFY_CHANNELS`, so that a run that needs a person can say so."),
      unusable: warning("Correct the entry of `NOTIFY_CHANNELS` or `PUBLIC_URL`."),
    },
  },
  objects: {
    question: "Do the Durable Objects of registry, coverage and notifications answer?",
    outcomes: {
      answer: OK,
      silent: fault("Read the log for this object, and compare the migrations with `wrangler.toml`."),
    },
  },
  queues: {
    question: "Do consumers take the messages of the two queues?",
    outcomes: {
      moving: OK,
      unknown: warning("Look at the backlog of the queues in the dashboard."),
      stuck: fault("Check the consumers of `wrangler.toml`, and deploy. Check that no queue is paused."),
    },
  },
  bucket: {
    question: "Can the bucket be listed?",
    outcomes: {
      readable: OK,
      unreadable: fault("Set `bucket_name` in `wrangler.toml` to the bucket of Logpush, and deploy."),
    },
  },
  logs: {
    question: "Does `LOG_PREFIX` contain files whose names contain a time?",
    outcomes: {
      found: OK,
      some_unnamed: warning("Look at the named keys. A run counts them and does not read them."),
      empty: fault("Set `LOG_PREFIX` to the folder of the Logpush job, and deploy."),
      unnamed: fault("Set `LOG_PREFIX` to the folder of the Logpush job, and deploy."),
    },
  },
  records: {
    question: "Can the first records of a few files be read?",
    outcomes: {
      readable: OK,
      some_malformed: warning("Read docs/runbook/suspicious-files.md before a run."),
      unreadable: fault("Make the Logpush job write NDJSON, gzipped or plain."),
      not_looked_at: warning("Correct the lines above, and run the doctor again."),
    },
  },
  timestamps: {
    question: "Which form has `EdgeStartTimestamp`, and does it agree with the names of the files?",
    outcomes: {
      one_form: OK,
      several_forms: warning("Compare the output options of the Logpush jobs of this folder."),
      far_from_names: warning("Compare a record with the name of its file. The job may write another field."),
      unreadable: fault("Add `EdgeStartTimestamp` to the fields of the Logpush job."),
      not_looked_at: warning("Correct the lines above, and run the doctor again."),
    },
  },
  parent_ray_id: {
    question: "Which value of `ParentRayID` do top-level requests have?",
    outcomes: {
      usual: OK,
      other_zeros: fault('Start runs with `"top_level_parent_ray_ids"`, as the detail shows.'),
      absent: fault('Add `ParentRayID` to the job, or start runs with `"top_level_parent_ray_ids": [null]`.'),
      none_top_level: warning("Look at more files. These contain no request of a client."),
      not_looked_at: warning("Correct the lines above, and run the doctor again."),
    },
  },
  live_markers: {
    question: "Does a live worker leave markers below `LIVE_PREFIX`?",
    outcomes: {
      seen: OK,
      none: warning("Without a live worker: nothing. Else set `LIVE_PREFIX` to the folder of its markers."),
      unreadable: fault("Set `bucket_name` in `wrangler.toml` to the bucket of Logpush, and deploy."),
    },
  },
  live_batch_size: {
    question: "Does `LIVE_BATCH_SIZE` fit the markers of a few files?",
    outcomes: {
      fits: OK,
      no_markers: OK,
      unset: warning("Set `LIVE_BATCH_SIZE` to the size of the live worker, and deploy."),
      unproven: warning(
        "Ask the owner of the live worker for its batch size. A run checks more files and may prove it.",
      ),
      contradicted: fault("Set `LIVE_BATCH_SIZE` to the size of the live worker, and deploy."),
    },
  },
  bucket_clock: {
    question: "Is no object of the bucket newer than the clock of the Worker?",
    outcomes: {
      agrees: OK,
      behind: fault("Report it to Cloudflare. Late files and signatures depend on this clock."),
      unknown: warning("Correct the lines above, and run the doctor again."),
    },
  },
  receiver: {
    question: "Does the receiver answer a `HEAD` request without a signature?",
    outcomes: {
      answers: OK,
      redirects: fault(
        "Set `CTYUN_ENDPOINT` and `CTYUN_URI_EDGE`, or `url` of `RECEIVER`, to the final address.",
      ),
      failing: warning("Ask the partner. A run waits while the receiver answers 5xx."),
      silent: fault("Check `CTYUN_ENDPOINT` or `url` of `RECEIVER`, and the firewall of the receiver."),
      not_configured: fault("Set the secrets of the receiver."),
    },
  },
  receiver_clock: {
    question: "Does the receiver's clock agree with the clock of the Worker? A signature is valid for 300 s.",
    outcomes: {
      agrees: OK,
      differs: warning("Ask the partner to correct the clock of its server."),
      unknown: OK,
    },
  },
  signature: {
    question: "Does the receiver accept a signed POST without a line? Only with `signed_empty=true`.",
    outcomes: {
      not_asked: OK,
      accepted: OK,
      refused: fault(
        "Compare `CTYUN_PRIVATE_KEY` and `CTYUN_URI_EDGE`, or `headers` of `RECEIVER`, with the receiver's.",
      ),
      unclear: warning("Send a canary: it shows whether the signature is accepted."),
      not_configured: fault("Set the secrets of the receiver."),
    },
  },
  receivers: {
    question: "Does each receiver of `RECEIVERS` have an address of its own?",
    outcomes: {
      one: OK,
      apart: OK,
      same_address: warning(
        "Remove one of the names, unless keys or headers lead to two systems. Else every line arrives twice.",
      ),
    },
  },
} as const satisfies DeclaredChecks;

export type DeploymentFinding = Finding<typeof DEPLOYMENT_CHECKS>;
