// A range of time as texts. Plain data.

export interface Span {
  start: string;
  end: string;
}
