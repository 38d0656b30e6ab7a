// Turns camelCase names of the code into snake_case names of JSON. Does no I/O.

/** The conversion of one name, as a type. */
export type SnakeCase<Name extends string> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${SnakeCase<Rest>}`
  : Name;

/** The members of a flat JavaScript object under their snake_case names. */
export type SnakeMembers<Flat> = {
  [Name in keyof Flat as Name extends string ? SnakeCase<Name> : never]: Flat[Name];
};

export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Copies JSON with every member name in snake_case. Values are unchanged. */
export function snakeKeys<Value>(json: Value): Value {
  return renamed(json) as Value;
}

function renamed(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(renamed);
  if (json === null || typeof json !== "object") return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [snakeCase(name), renamed(value)]));
}

/** Copies a JavaScript object with its own member names in snake_case. Inner objects keep their names. */
export function snakeMembers<Flat extends object>(flat: Flat): SnakeMembers<Flat> {
  const members = Object.entries(flat).map(([name, value]) => [snakeCase(name), value]);
  return Object.fromEntries(members) as SnakeMembers<Flat>;
}
