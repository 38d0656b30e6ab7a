// Makes the receiver misbehave on command. The behaviour is a list of rules, and the first rule that matches a request
// decides. A rule also decides whether the lines count as accepted. Does no I/O, but each rule counts how often it
// still applies.

/** Milliseconds: a fixed number, or a random number in [min, max]. */
export type Latency = number | [min: number, max: number];

export interface StatusAction {
  do: "status";
  status: number;
  /** The body. With several bodies, each answer gets the next body, and the last body is repeated. */
  body?: string | string[];
  /** The Retry-After header of a 429 or 503: seconds or a date. */
  retry_after?: string;
  /** The Location header of a 302. */
  location?: string;
  content_type?: string;
  /** The value of the header Content-Encoding. The body itself is not encoded. */
  content_encoding?: string;
  /** What follows the body. "cut": the connection is cut although the headers announced more bytes. "never": a byte
   * follows every 300 ms without end. */
  ends?: "cut" | "never";
}

export type Action =
  /** Sends this answer. */
  | StatusAction
  /** Reads the body and never answers. */
  | { do: "hang" }
  /** Cuts the connection after the headers, or after the body. */
  | { do: "reset"; when: "before_body" | "after_body" }
  /** Reads the body no faster than this, then answers normally. */
  | { do: "slow_read"; bytes_per_second: number };

export type Rule = Action & {
  /** The rule applies to this many matching requests. Absent: to all matching requests. */
  times?: number;
  /** The probability with which the rule applies, from 0 to 1. Absent: always. */
  probability?: number;
  /** The rule applies only to batches with this RayID. Actions before the body is read cannot have it. */
  ray_id?: string;
  /** Whether the lines are accepted all the same. Default: only with a 2xx answer and slow_read. */
  accept?: boolean;
};

export interface Behaviour {
  /** The time between the end of the request's body and the answer. */
  latency_ms?: Latency;
  rules?: Rule[];
}

export class BehaviourBook {
  #latency: Latency = 0;
  #rules: Rule[] = [];
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Changes the behaviour. Replaces only the members that `behaviour` contains. */
  change(behaviour: Behaviour): void {
    if (behaviour.latency_ms !== undefined) this.#latency = behaviour.latency_ms;
    if (behaviour.rules !== undefined) this.#rules = behaviour.rules.map((rule) => ({ ...rule }));
  }

  /** The rules that may still apply, with their remaining `times`. */
  rules(): Rule[] {
    return this.#rules.map((rule) => ({ ...rule }));
  }

  latencyMs(): number {
    if (typeof this.#latency === "number") return this.#latency;
    const [min, max] = this.#latency;
    return min + this.#random() * (max - min);
  }

  /** The rule for a request whose headers have arrived. Returns only actions before the body is read. */
  beforeBody(): Rule | null {
    return this.#take(
      (rule) => rule.do === "slow_read" || (rule.do === "reset" && rule.when === "before_body"),
    );
  }

  /** The rule for a request whose body has arrived. Returns all other actions. */
  afterBody(rayIds: readonly string[]): Rule | null {
    return this.#take(
      (rule) =>
        rule.do !== "slow_read" &&
        !(rule.do === "reset" && rule.when === "before_body") &&
        (rule.ray_id === undefined || rayIds.includes(rule.ray_id)),
    );
  }

  #take(matches: (rule: Rule) => boolean): Rule | null {
    const rule = this.#rules.find(
      (candidate) =>
        matches(candidate) && (candidate.probability === undefined || this.#random() < candidate.probability),
    );
    if (rule === undefined) return null;
    if (rule.times !== undefined) {
      rule.times -= 1;
      if (rule.times <= 0) this.#rules = this.#rules.filter((other) => other !== rule);
    }
    const body = rule.do === "status" ? nextBody(rule) : undefined;
    return { ...rule, ...(body !== undefined && { body }) };
  }
}

/** Takes the first of several bodies. The last body is kept. */
function nextBody(rule: StatusAction): string | undefined {
  if (!Array.isArray(rule.body)) return rule.body;
  const [first, ...rest] = rule.body;
  if (rest.length > 0) rule.body = rest;
  return first;
}

/** Whether the partner accepted the lines, whatever the sender learned. */
export function accepts(rule: Rule | null): boolean {
  if (rule === null) return true;
  if (rule.accept !== undefined) return rule.accept;
  return rule.do === "slow_read" || (rule.do === "status" && rule.status >= 200 && rule.status < 300);
}
