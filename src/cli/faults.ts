// The errors that end a command. The person can do something about each of them. Any other thrown error is a bug.
import { EXIT, exitOfProblem, exitOfTimeout, type Exit } from "./exit-codes.ts";

export abstract class Fault extends Error {
  abstract readonly exit: Exit;
  /** What the person can do next. Null: the message already explains it. */
  readonly next: string | null;
  constructor(message: string, next: string | null = null) {
    super(message);
    this.next = next;
  }
}

/** The command line has a mistake. */
export class UsageFault extends Fault {
  readonly exit = EXIT.usage;
}

/** The command was correct, but could not do its work. */
export class FailedFault extends Fault {
  readonly exit: Exit;
  constructor(message: string, next: string | null = null, exit: Exit = EXIT.failed) {
    super(message, next);
    this.exit = exit;
  }
}

/** One fault in a request: in a place of the body, a query parameter or a header. */
export interface FieldFault {
  pointer?: string;
  parameter?: string;
  header?: string;
  detail: string;
}

/** The members of application/problem+json that the command line reads. */
export interface ProblemBody {
  status: number;
  code: string;
  title?: string;
  detail?: string;
  errors?: FieldFault[];
  [member: string]: unknown;
}

/** The API answered with a refusal. `problem` is null when the answer is no problem+json. */
export class RefusedFault extends Fault {
  readonly exit: Exit;
  readonly status: number;
  readonly problem: ProblemBody | null;
  constructor(status: number, problem: ProblemBody | null, message: string, next: string | null) {
    super(message, next);
    this.status = status;
    this.problem = problem;
    this.exit = exitOfProblem(status, problem?.code ?? null);
  }

  get code(): string | null {
    return this.problem?.code ?? null;
  }
}

/** The API did not answer. If the request was a change, it is not known whether the API made it. */
export class NotReachedFault extends Fault {
  readonly exit = EXIT.failed;
}

/** The time of `--timeout` has passed. */
export class TimedOutFault extends Fault {
  readonly exit: Exit;
  constructor(message: string, lastStage: string | null = null, next: string | null = null) {
    super(message, next);
    this.exit = exitOfTimeout(lastStage);
  }
}

/** The person pressed Ctrl-C, or the process received SIGTERM. */
export class InterruptedFault extends Fault {
  readonly exit = EXIT.interrupted;
}
