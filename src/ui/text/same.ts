// The type of a translation: it needs the same keys, and functions with the same parameters. A missing key does not
// compile.
export type Same<T> = {
  readonly [Key in keyof T]: T[Key] extends string
    ? string
    : T[Key] extends (...args: infer Args) => string
      ? (...args: Args) => string
      : T[Key] extends readonly [string, string]
        ? readonly [string, string]
        : Same<T[Key]>;
};
