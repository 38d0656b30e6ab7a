// The form of a refusal just before it is written as problem+json.

export interface Problem {
  status: number;
  title: string;
  detail: string;
  /** The extension members of the problem. */
  more?: Record<string, unknown>;
  headers?: Record<string, string>;
}
