// Shows notices. A notice is next to its subject, and stays until its cause has ended. The page has no messages
// that disappear by themselves.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Problem } from "../api/problem.ts";
import { explainProblem } from "../text/codes.ts";
import { needTexts, texts } from "../text/texts.ts";

/** Shows a short message. With `alert`, a screen reader reads the notice at once. Use `alert` for the result of
 * what a person has just done. */
export function Notice(props: {
  tone: "red" | "amber" | "green" | "plain";
  isAlert?: boolean | undefined;
  title?: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <div class={`notice notice-${props.tone}`} role={props.isAlert ? "alert" : "status"}>
      {props.title && (
        <strong>
          {props.tone === "green" && <span aria-hidden="true">✓ </span>}
          {props.title}
        </strong>
      )}
      {props.children}
    </div>
  );
}

/** A refusal: its meaning, what to do next, the code, and the detail from the API. */
export function Refusal({ problem, isAlert }: { problem: Problem | null; isAlert?: boolean }) {
  const hasProblem = problem !== null;
  useEffect(() => {
    // If the texts cannot be loaded, the detail from the API remains.
    if (hasProblem) void needTexts(["problems"]).catch(() => undefined);
  }, [hasProblem]);
  if (problem === null) return null;
  const [meaning, next] = explainProblem(problem);
  const { vars, run } = problem.more;
  return (
    <Notice tone="red" isAlert={isAlert} title={meaning}>
      <p>
        {next} <code>{problem.code}</code>
        {typeof run === "string" && (
          <>
            {" "}
            <a href={`/ui/runs/${encodeURIComponent(run)}`}>{run}</a>
          </>
        )}
      </p>
      {Array.isArray(vars) ? <BadVars vars={vars} /> : <ApiWords problem={problem} meaning={meaning} />}
    </Notice>
  );
}

/** The detail from the API, which is always English. */
function ApiWords({ problem, meaning }: { problem: Problem; meaning: string }) {
  const { detail } = problem;
  if (detail === "" || detail === meaning) return null;
  return (
    <p lang="en" class="quiet">
      {detail}
    </p>
  );
}

function BadVars({ vars }: { vars: unknown[] }) {
  const known = vars.filter(isNamedFault);
  return (
    <ul lang="en" aria-label={texts.value.parts.vars}>
      {known.map(({ name, detail }) => (
        <li key={name}>
          <code>{name}</code>: {detail}
        </li>
      ))}
    </ul>
  );
}

function isNamedFault(value: unknown): value is { name: string; detail: string } {
  if (typeof value !== "object" || value === null || !("name" in value) || !("detail" in value)) return false;
  return typeof value.name === "string" && typeof value.detail === "string";
}

/** The button of a notice about a part of the page that could not be loaded. */
export function Reload() {
  return (
    <button type="button" onClick={() => location.reload()}>
      {texts.value.frame.reload}
    </button>
  );
}

/** Stands in place of a list or table that has no rows. */
export function EmptyState({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p>{title}</p>
      {children}
    </div>
  );
}
