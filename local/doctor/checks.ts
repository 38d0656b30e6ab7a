// All checks of a clone before its deployment, with the possible outcomes and their remedies.
// docs/reference/doctor.md shows this table.
import { OK, fault, warning, type DeclaredChecks, type Finding } from "../../src/contract/doctor.ts";

export const PROJECT_CHECKS = {
  wrangler_file: {
    question: "Can wrangler read `wrangler.toml`?",
    outcomes: { readable: OK, unreadable: fault("Correct the place that the detail shows.") },
  },
  runtime: {
    question:
      "Are the entry file, the compatibility date and the compatibility flag those that the code needs?",
    outcomes: {
      fits: OK,
      wrong: fault("Restore `main`, `compatibility_date` and `compatibility_flags` from this repository."),
    },
  },
  bindings: {
    question: "Does the file declare every binding, with the right class or queue?",
    outcomes: { complete: OK, wrong: fault("Restore the binding from this repository.") },
  },
  consumers: {
    question: "Does every queue have a consumer that suits it?",
    outcomes: { complete: OK, wrong: fault("Restore the consumer from this repository.") },
  },
  dead_letters: {
    question: "Do the parse and send queues have dead-letter queues with consumers?",
    outcomes: {
      complete: OK,
      wrong: fault("Restore `dead_letter_queue` and its consumer from this repository."),
    },
  },
  limits: {
    question: "Is the CPU limit the largest that Cloudflare allows?",
    outcomes: {
      enough: OK,
      low: warning("Set `cpu_ms = 300_000`. A file of a million records needs about 25 s."),
    },
  },
  migrations: {
    question: "Are the migrations those of this repository, in their order?",
    outcomes: {
      complete: OK,
      wrong: fault("Restore the migrations. Add your own only after them. Cloudflare applies each tag once."),
    },
  },
  assets: {
    question: "Is the page served as the code expects?",
    outcomes: { complete: OK, wrong: fault("Restore `[assets]` from this repository.") },
  },
  entrances: {
    question: "Can the API be reached only on the hosts that you protect?",
    outcomes: {
      closed: OK,
      preview_urls: warning("Set `preview_urls = false`."),
      workers_dev: warning("Set `workers_dev = false`, or protect the host `workers.dev` with Access too."),
    },
  },
  vars: {
    question: "Can every var be used, and is no name misspelt?",
    outcomes: {
      usable: OK,
      misspelt: fault("Correct the name in `[vars]`."),
      invalid: fault("Set an accepted value in `[vars]`."),
    },
  },
  secrets_in_file: {
    question: "Is no secret in `wrangler.toml`?",
    outcomes: {
      none: OK,
      found: fault("Remove the line, rotate the secret, and set it with `npx wrangler secret put NAME`."),
    },
  },
  secrets: {
    question: "Are the secrets set on the deployed Worker? Only names are asked for.",
    outcomes: {
      set: OK,
      missing: warning("Set each secret with `npx wrangler secret put NAME` after the deployment."),
      misspelt: warning("Set the secret under its right name, and delete the wrong one."),
      not_checked: warning("Sign in with `npx wrangler login`. Before the first deployment this is usual."),
    },
  },
} as const satisfies DeclaredChecks;

export type ProjectFinding = Finding<typeof PROJECT_CHECKS>;
