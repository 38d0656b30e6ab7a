// `doctor`: checks a clone before its deployment, and a deployment afterwards.
import { resolve } from "node:path";
import type { DoctorAnswer } from "../../contract/api/api-types.ts";
import type { DoctorLine } from "../../contract/doctor.ts";
import { checkClone, isClone } from "../doctor/check-clone.ts";
import { clockLine, lineOf, refusedLine } from "../doctor/connection-checks.ts";
import { EXIT, type Exit } from "../exit-codes.ts";
import { NotReachedFault, RefusedFault, UsageFault } from "../faults.ts";
import { flag, type Group } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { safe } from "../text/safe-text.ts";

interface Options {
  local?: boolean;
  deployment?: boolean;
  dir?: string;
  offline?: boolean;
  signedEmpty?: boolean;
}

/** The lines about the clone or about the deployment, and the exit code for them. */
interface Half {
  lines: DoctorLine[];
  exit: Exit;
}

export function addDoctorCommand(group: Group): void {
  group.add<Options>({
    usage: "doctor",
    summary: "check a clone before a deployment, and a deployment after it",
    options: [
      flag("--local", "check the clone only"),
      flag("--deployment", "check the deployment only"),
      flag("--dir <DIR>", "the clone (default: this folder)"),
      flag("--offline", "do not ask wrangler for the names of secrets"),
      flag("--signed-empty", "send the receiver a signed POST without a line; ask the partner first"),
    ],
    examples: [
      "logpush-backfill doctor",
      "logpush-backfill doctor --local --offline",
      "logpush-backfill doctor --deployment --json",
    ],
    routes: ["GET /doctor"],
    action: async (session, options) => {
      const dir = resolve(options.dir ?? ".");
      const wantsClone = options.deployment !== true && (options.local === true || isClone(dir));
      const local = wantsClone ? await localHalf(session, dir, options) : null;
      const deployment = await deploymentHalf(session, options, local !== null);
      if (session.isJson) {
        const worst = worstOf([...(local?.lines ?? []), ...(deployment?.lines ?? [])]);
        session.json({ worst, local: local?.lines ?? null, deployment: deployment?.lines ?? null });
      } else {
        session.lines([...textOf("clone", local), ...textOf("deployment", deployment)]);
      }
      return deployment !== null && deployment.exit !== EXIT.done
        ? deployment.exit
        : (local?.exit ?? EXIT.done);
    },
  });
}

async function localHalf(session: Session, dir: string, { offline }: Options): Promise<Half> {
  if (!isClone(dir))
    throw new UsageFault(
      `${dir} is no clone of this project`,
      "give the folder with --dir, or use --deployment",
    );
  session.notice("checking the clone");
  const lines = await checkClone(dir, offline === true, session.io.env, session.signal);
  return { lines, exit: exitOf(lines) };
}

/** Checks the deployment. Null: the caller does not want this check, or the clone was checked and no API is
 * configured. */
async function deploymentHalf(session: Session, options: Options, hasLocal: boolean): Promise<Half | null> {
  if (options.local === true) return null;
  const { io } = session;
  try {
    void session.target;
  } catch (error) {
    if (!(error instanceof UsageFault) || !hasLocal || options.deployment === true) throw error;
    session.notice("no API is named, so only the clone was checked");
    return null;
  }
  const beganMs = io.now();
  try {
    const query = options.signedEmpty === true ? { signed_empty: true } : {};
    const { lines, as_of: asOf } = await session.api.get<DoctorAnswer>("/doctor", query);
    const own = [
      lineOf({ check: "api", outcome: "answers", detail: "the API answers, and this caller is an operator" }),
      clockLine(Date.parse(asOf), beganMs, io.now()),
    ];
    const all = [...own, ...lines];
    return { lines: all, exit: exitOf(all) };
  } catch (error) {
    if (error instanceof NotReachedFault) {
      return {
        lines: [lineOf({ check: "api", outcome: "not_reached", detail: error.message })],
        exit: error.exit,
      };
    }
    if (!(error instanceof RefusedFault)) throw error;
    return { lines: [refusedLine(error.status, error.code)], exit: error.exit };
  }
}

function worstOf(lines: readonly DoctorLine[]): DoctorLine["level"] {
  const has = (level: DoctorLine["level"]) => lines.some((line) => line.level === level);
  return has("fault") ? "fault" : has("warning") ? "warning" : "ok";
}

function exitOf(lines: readonly DoctorLine[]): Exit {
  return worstOf(lines) === "fault" ? EXIT.failed : EXIT.done;
}

function textOf(title: string, half: Half | null): string[] {
  if (half === null) return [];
  const width = Math.max(...half.lines.map(({ check }) => check.length));
  const lines = half.lines.flatMap(({ level, check, detail, remedy }) => [
    `  ${level.padEnd(7)}  ${check.padEnd(width)}  ${safe(detail)}`,
    ...(remedy === null ? [] : [`  ${"".padEnd(7)}  ${"".padEnd(width)}  next: ${safe(remedy)}`]),
  ]);
  return [`${title}: ${worstOf(half.lines)}`, ...lines];
}
