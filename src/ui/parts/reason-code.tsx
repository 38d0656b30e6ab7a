// The code of a run's reason. Documents and the command line use it. A planned pause has no such document, so its code
// would say nothing.

const PLANNED: ReadonlySet<string> = new Set(["canary", "operator"]);

export function ReasonCode({ code }: { code: string }) {
  return PLANNED.has(code) ? null : <code>{code}</code>;
}
