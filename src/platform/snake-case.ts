// Turns camelCase names of the code into snake_case names of JSON. Pure.

/** The same conversion as a type. */
export type SnakeCase<Name extends string> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${SnakeCase<Rest>}`
  : Name;

export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The same JSON with every member name in snake_case. Values are unchanged. */
export function snakeKeys<Value>(json: Value): Value {
  return renamed(json) as Value;
}

function renamed(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(renamed);
  if (json === null || typeof json !== "object") return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [snakeCase(name), renamed(value)]));
}
