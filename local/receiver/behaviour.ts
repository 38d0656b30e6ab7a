// How the receiver misbehaves on command: a list of rules, the first that matches a request decides about it.
// Pure but for the rules' own countdown. Whether a misbehaving request's lines count as accepted is part of the rule.

/** Milliseconds, fixed or drawn from [min, max]. */
export type Latency = number | [min: number, max: number];

export interface StatusAction {
  do: "status";
  status: number;
  /** Several: one for each answer in turn, the last one from then on. */
  body?: string | string[];
  /** Belongs to a 429 or 503: seconds or date. */
  retry_after?: string;
  /** Belongs to a 302. */
  location?: string;
  content_type?: string;
  /** Named in the header only; the body is sent as it is. */
  content_encoding?: string;
  /** The body is followed by a cut connection, though more was announced; or by a byte each 300 ms, for ever. */
  ends?: "cut" | "never";
}

export type Action =
  /** Answers so. */
  | StatusAction
  /** Reads the body and never answers. */
  | { do: "hang" }
  /** Cuts the connection: as soon as the headers are there, or after the body was read. */
  | { do: "reset"; when: "before_body" | "after_body" }
  /** Reads the body no faster than this, then answers normally. */
  | { do: "slow_read"; bytes_per_second: number };

export type Rule = Action & {
  /** For the next n matching requests; without it, for ever. */
  times?: number;
  /** 0–1; without it, always. */
  probability?: number;
  /** Only for batches that hold this RayID. Not possible for what happens before the body is read. */
  ray_id?: string;
  /** Whether the lines were taken in nevertheless. Default: only with a 2xx answer and slow_read. */
  accept?: boolean;
};

export interface Behaviour {
  /** Between the end of the body and the answer. */
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

  /** What is named replaces what was; what is not named stays. */
  change(behaviour: Behaviour): void {
    if (behaviour.latency_ms !== undefined) this.#latency = behaviour.latency_ms;
    if (behaviour.rules !== undefined) this.#rules = behaviour.rules.map((rule) => ({ ...rule }));
  }

  /** The rules that still wait for requests, with what is left of their `times`. */
  rules(): Rule[] {
    return this.#rules.map((rule) => ({ ...rule }));
  }

  latencyMs(): number {
    if (typeof this.#latency === "number") return this.#latency;
    const [min, max] = this.#latency;
    return min + this.#random() * (max - min);
  }

  /** Asked when the headers are there: only what happens before the body is read. */
  beforeBody(): Rule | null {
    return this.#take(
      (rule) => rule.do === "slow_read" || (rule.do === "reset" && rule.when === "before_body"),
    );
  }

  /** Asked when the body is there: everything else. */
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

/** The first of several bodies; the last one stays. */
function nextBody(rule: StatusAction): string | undefined {
  if (!Array.isArray(rule.body)) return rule.body;
  const [first, ...rest] = rule.body;
  if (rest.length > 0) rule.body = rest;
  return first;
}

/** Whether the partner took the lines in, though the sender may learn something else. */
export function accepts(rule: Rule | null): boolean {
  if (rule === null) return true;
  if (rule.accept !== undefined) return rule.accept;
  return rule.do === "slow_read" || (rule.do === "status" && rule.status >= 200 && rule.status < 300);
}
