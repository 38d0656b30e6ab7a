// Prints any parsed JSON value as JSON text. Also handles very deep nesting, which JSON.stringify cannot.

/** Returns the JSON text of a value. Never throws for a value from JSON.parse. Such a value may nest deeper than
 * the recursion of JSON.stringify can go. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return jsonTextOfDeep(value);
    throw error;
  }
}

/** A part that remains to be printed: a piece of text, or a value. */
type Task = { text: string } | { value: unknown };

function jsonTextOfDeep(root: unknown): string {
  const printed: string[] = [];
  const tasks: Task[] = [{ value: root }];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    if ("text" in task) {
      printed.push(task.text);
      continue;
    }
    const { value } = task;
    if (typeof value !== "object" || value === null) {
      printed.push(JSON.stringify(value));
      continue;
    }
    const isArray = Array.isArray(value);
    printed.push(isArray ? "[" : "{");
    tasks.push({ text: isArray ? "]" : "}" });
    // Reversed, because tasks are taken from the end.
    const members = Object.entries(value).toReversed();
    for (const [index, [key, member]] of members.entries()) {
      const comma = index < members.length - 1 ? "," : "";
      tasks.push({ value: member }, { text: isArray ? comma : `${comma}${JSON.stringify(key)}:` });
    }
  }
  return printed.join("");
}
