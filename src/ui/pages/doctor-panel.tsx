// The doctor of the deployment: a button, and one row for each line of its answer. The doctor costs a few R2
// operations, so it runs only when a person asks.
import { useEffect, useState } from "preact/hooks";
import type { DoctorAnswer } from "../../contract/api/api-types.ts";
import { ask } from "../api/client.ts";
import { paths } from "../api/paths.ts";
import type { Problem } from "../api/problem.ts";
import { Refusal } from "../parts/notice.tsx";
import { Badge } from "../parts/stage-badge.tsx";
import { Table } from "../parts/table.tsx";
import { isOperator, noteProblem } from "../state/session.ts";
import { language, texts } from "../text/texts.ts";

/** How long to wait for the doctor, because the doctor waits for the bucket and the receiver. */
const DOCTOR_TIMEOUT_MS = 60_000;
const TONES = { ok: "green", warning: "amber", fault: "red" } as const;

type Line = DoctorAnswer["lines"][number];

export function DoctorPanel() {
  const t = texts.value.system;
  const [found, setFound] = useState<DoctorAnswer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    const answer = await ask(paths.doctor, { timeoutMs: DOCTOR_TIMEOUT_MS });
    setBusy(false);
    noteProblem(answer.ok ? null : answer.problem);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) setFound(answer.data);
  };
  const remedies = useRemedies(found !== null);
  const isOff = isBusy || !isOperator.value;
  return (
    <section aria-labelledby="doctor">
      <h2 id="doctor">{t.doctor}</h2>
      <p>{isOperator.value ? t.doctorHint : texts.value.parts.viewerOnly}</p>
      <button type="button" aria-disabled={isOff} onClick={() => void (isOff || run())}>
        {isBusy ? texts.value.parts.working : t.doctorRun}
      </button>
      <Refusal problem={problem} isAlert />
      {found && (
        <Table label={t.doctor} rows={rowsOf(found)} rowKey={({ key }) => key} columns={columns(remedies)} />
      )}
    </section>
  );
}

/** One check may have several lines, so each row gets a key of its own. */
function rowsOf({ lines }: DoctorAnswer): (Line & { key: number })[] {
  return lines.map((line, key) => ({ ...line, key }));
}

type Remedies = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Remedies in the chosen language. Null: the page shows the remedies of the API, which are English. */
function useRemedies(isWanted: boolean): Remedies | null {
  const [loaded, setLoaded] = useState<Remedies | null>(null);
  const isChinese = language.value === "zh";
  useEffect(() => {
    if (!isWanted || !isChinese) return;
    // When the script is lost, the page keeps the English remedies.
    import("../text/zh/doctor-remedies.ts").then(
      (file) => setLoaded(file.doctorRemedies),
      () => undefined,
    );
  }, [isWanted, isChinese]);
  return isChinese ? loaded : null;
}

function columns(remedies: Remedies | null) {
  const t = texts.value.system;
  return [
    { key: "check", head: t.doctorCheck, cell: ({ check }: Line) => <code>{check}</code> },
    {
      key: "level",
      head: t.doctorLevel,
      cell: ({ level }: Line) => <Badge tone={TONES[level]}>{t.doctorLevels[level]}</Badge>,
    },
    { key: "detail", head: t.doctorDetail, cell: ({ detail }: Line) => <span lang="en">{detail}</span> },
    {
      key: "remedy",
      head: t.doctorRemedy,
      cell: ({ check, outcome, remedy }: Line) => {
        const own = remedies?.[check]?.[outcome];
        return own ?? (remedy === null ? "—" : <span lang="en">{remedy}</span>);
      },
    },
  ];
}
