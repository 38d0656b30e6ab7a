// A button that changes something. It opens a dialog that explains what happens now and later, and asks for a note. If
// the API refuses, the dialog stays open and shows the refusal. For viewers the button is disabled and says why. The
// server also refuses viewers.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { ask, type Ask } from "../api/client.ts";
import type { Path } from "../api/paths.ts";
import type { Problem } from "../api/problem.ts";
import type { OverlapItem } from "../../contract/api/api-types.ts";
import { Window } from "./instant.tsx";
import { announceChange } from "../state/poller.ts";
import { isOperator, noteProblem } from "../state/session.ts";
import { count } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { Refusal } from "./notice.tsx";

/** The longest note that the API accepts, and the part of it that `notePrefix` may take. */
const MOST_NOTE = 1_000;
const PREFIX_ROOM = 40;

export interface VerbProps<T> {
  /** The text of the button. A "…" at its end is left out in the dialog. */
  label: string;
  /** The title of the dialog. Absent: the label. */
  title?: string;
  /** What happens as soon as the person confirms. */
  now: ComponentChildren;
  /** What happens later. */
  later?: ComponentChildren;
  /** How many POSTs to the receiver are open now. */
  openPosts?: number;
  path: Path<T>;
  method?: Ask["method"];
  /** The members of the request. The note is added to them. */
  body?: Readonly<Record<string, unknown>>;
  note?: "needed" | "optional" | "none";
  /** A text that stands in front of the note. */
  notePrefix?: string;
  /** Says what the additional fields lack. While this text is not null, nothing is sent. A try to send shows the
   * text. */
  lacks?: string | null;
  /** The date that the person must type, such as 2026-04-22. For actions that cannot be undone. */
  typeDate?: string;
  /** The date to type when the API answers `overlap`. The request is then repeated with `replay`. Absent: this
   * request does not accept `replay`. */
  replayDate?: string;
  /** Why the action is not possible now. Null: it is possible. */
  whyNot?: string | null;
  isPrimary?: boolean;
  isDanger?: boolean;
  /** True: repeats of the request have the same effect as one request, even after a lost answer. */
  once?: boolean;
  /** More fields of the dialog. A function receives the newest refusal, so that fields can show their errors. */
  children?: ComponentChildren | ((problem: Problem | null) => ComponentChildren);
  onDone?: (answer: T) => void;
}

export function Verb<T>(props: VerbProps<T>) {
  const [isOpen, setOpen] = useState(false);
  const whyId = useId();
  const why = isOperator.value ? (props.whyNot ?? null) : texts.value.parts.viewerOnly;
  const look = props.isDanger ? "danger" : props.isPrimary ? "primary" : "";
  return (
    <span class="verb">
      <button
        type="button"
        class={look}
        disabled={why !== null}
        aria-describedby={why === null ? undefined : whyId}
        onClick={() => setOpen(true)}
      >
        {props.label}
      </button>
      {why !== null && (
        <span class={isOperator.value ? "why" : "why why-viewer"} id={whyId}>
          {why}
        </span>
      )}
      {isOpen && <VerbDialog {...props} close={() => setOpen(false)} />}
    </span>
  );
}

function VerbDialog<T>(props: VerbProps<T> & { close: () => void }) {
  const label = props.label.replace(/…$/, "");
  const t = texts.value.parts;
  const [note, setNote] = useState("");
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [wasSubmitted, setSubmitted] = useState(false);
  const wantsNote = props.note ?? "optional";
  const noteMissing = wantsNote === "needed" && note.trim() === "";
  const isOverlap = problem?.code === "overlap" && props.replayDate !== undefined;
  const date = isOverlap ? props.replayDate : props.typeDate;
  const dateDiffers = date !== undefined && typed.trim() !== date;
  const submit = async () => {
    setSubmitted(true);
    if (noteMissing || dateDiffers || isBusy || props.lacks) return;
    setBusy(true);
    const wholeNote = `${props.notePrefix ?? ""} ${note}`.trim();
    const body = {
      ...props.body,
      ...(isOverlap && { replay: true }),
      ...(wholeNote !== "" && { note: wholeNote }),
    };
    const answer = await ask(props.path, { method: props.method ?? "POST", body, once: props.once ?? false });
    setBusy(false);
    noteProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) {
      // The field for the date appears only now, so its absence is not an error yet.
      setSubmitted(false);
      return setProblem(answer.problem);
    }
    announceChange();
    props.close();
    props.onDone?.(answer.data);
  };
  return (
    <Dialog title={props.title ?? label} onClose={props.close}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <dl class="effects">
          <dt>{t.now}</dt>
          <dd>
            {props.now} {props.openPosts !== undefined && t.openPosts(count(props.openPosts))}
          </dd>
          {props.later && <dt>{t.later}</dt>}
          {props.later && <dd>{props.later}</dd>}
        </dl>
        {typeof props.children === "function" ? props.children(problem) : props.children}
        {wasSubmitted && props.lacks && (
          <p class="error" role="alert">
            {props.lacks}
          </p>
        )}
        {wantsNote !== "none" && (
          <Field
            label={wantsNote === "needed" ? t.noteNeeded : t.noteOptional}
            pointer="#/note"
            problem={problem}
            error={wasSubmitted && noteMissing ? t.noteMissing : null}
          >
            {(control) => (
              <textarea
                {...control}
                rows={2}
                maxLength={props.notePrefix === undefined ? MOST_NOTE : MOST_NOTE - PREFIX_ROOM}
                value={note}
                onInput={(event) => setNote(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
        <Refusal problem={problem} isAlert />
        {isOverlap && <Overlaps problem={problem} />}
        {date !== undefined && (
          <Field label={t.typeDate(date)} error={wasSubmitted && dateDiffers ? t.dateDiffers : null}>
            {(control) => (
              <input
                {...control}
                autocomplete="off"
                value={typed}
                onInput={(event) => setTyped(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
        <div class="dialog-buttons">
          <button type="button" onClick={props.close}>
            {t.cancel}
          </button>
          <button type="submit" class={props.isDanger ? "danger" : "primary"} aria-disabled={isBusy}>
            {isBusy ? t.working : isOverlap ? t.sendAgain : label}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The runs that have sent lines of the same window. */
function Overlaps({ problem }: { problem: Problem }) {
  const { overlaps } = problem.more;
  if (!Array.isArray(overlaps)) return null;
  return (
    <ul class="overlaps">
      {(overlaps as OverlapItem[]).map(({ run, start, end }) => (
        <li key={run}>
          <a href={`/ui/runs/${run}`}>
            <Window start={start} end={end} />
          </a>
        </li>
      ))}
    </ul>
  );
}
