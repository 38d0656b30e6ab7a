// Checks the punctuation of all Chinese texts, and of the texts that the page builds from them.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHINESE } from "../../../durable-objects/notifier/texts/chinese.ts";
import { REASONS } from "../../../durable-objects/notifier/texts/reasons.ts";
import type { BatchItem, RunStatusAnswer } from "../../../src/contract/api/api-types.ts";
import { handOverText } from "../../../src/ui/pages/run-parts/hand-over.ts";
import { partnerTextOf } from "../../../src/ui/pages/run/partner-text.ts";
import { duration } from "../../../src/ui/text/numbers.ts";
import { actorText, bracketed, named, sentences } from "../../../src/ui/text/punctuation.ts";
import { loadTexts, needTexts } from "../../../src/ui/text/texts.ts";
import { zh } from "../../../src/ui/text/zh/all.ts";
import { doctorRemedies } from "../../../src/ui/text/zh/doctor-remedies.ts";

const HAN = "\\p{Script=Han}";
const FULL = "，。；：？！、（）";
/** Each fault of punctuation, with what it means. */
const FAULTS: readonly (readonly [fault: RegExp, meaning: string])[] = [
  [
    new RegExp(`${HAN}[.,:;)?!]|${HAN} ?\\(|[.,:;!)] ?${HAN}|\\(${HAN}|[${FULL}][.,:;()]`, "u"),
    "a half-width mark beside a Chinese text",
  ],
  [/[，。；：？！、][，。；：、]/u, "two marks in a row"],
  [new RegExp(`[${FULL}] | [${FULL}]`, "u"), "a space beside a full-width mark"],
  [new RegExp(`${HAN}[0-9]|[0-9]${HAN}`, "u"), "no space between a number and a Chinese character"],
];

function faultsOf(text: string): string[] {
  return FAULTS.filter(([fault]) => fault.test(text)).map(([, meaning]) => `${meaning}: ${text}`);
}

/** The keys of the functions whose parameter is the name of a time zone. */
const OF_ZONE: ReadonlySet<string> = new Set(["zoneHint", "linesHint"]);

/** All texts of a dictionary. A function gets a number with a unit for each of its parameters. */
function textsOf(value: unknown, key = ""): string[] {
  if (typeof value === "string") return [value];
  const sample = OF_ZONE.has(key) ? "北京时间" : "1,234 行";
  if (typeof value === "function") return [value(...Array.from({ length: value.length }, () => sample))];
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, one]) => textsOf(one, name))
    : [];
}

describe("the rules", () => {
  it.each([
    "不发送任何内容。，155 行",
    "重复发送？: 没有",
    "被扣留. 等待",
    "时长, 不含",
    "失败的 POST: 无",
    "北京 (UTC) 时间",
    "上限为100,000",
    "没有。 请等待",
    "窗口(推荐)",
  ])("find the fault in %s", (text) => {
    expect(faultsOf(text)).not.toEqual([]);
  });

  it("accept correct text", () => {
    expect(faultsOf("已发送 2,580 / 2,580 行；另有 155 行（见 POST /runs）：无。")).toEqual([]);
  });
});

describe("Chinese punctuation", () => {
  beforeAll(async () => {
    await loadTexts("zh");
    await needTexts(["run", "runParts", "rowReasons"]);
  });
  afterAll(() => loadTexts("en"));

  it("is full-width in every dictionary of the page", () => {
    expect(textsOf(zh).length).toBeGreaterThan(900);
    expect([...textsOf(zh), ...textsOf(doctorRemedies)].flatMap(faultsOf)).toEqual([]);
  });

  it("is full-width in the texts of messages", () => {
    const reasons = Object.values(REASONS).map(({ zh: text }) => text);
    expect([...Object.values(CHINESE), ...reasons].flatMap(faultsOf)).toEqual([]);
  });

  it("is full-width where texts are joined", () => {
    const joined = [
      named("行数", "已送达"),
      bracketed("北京时间", "世界时"),
      sentences("没有。", undefined, "", "请等待。"),
      actorText("token"),
      duration(2_520),
    ];
    expect(joined).toEqual(["行数：已送达", "北京时间（世界时）", "没有。请等待。", "token（API_TOKEN，无姓名）", "42 分钟"]); // prettier-ignore
  });

  it("is full-width in the texts for the auditor and the partner", () => {
    const texts = [handOverText(RUN, "[partner confirmed]"), partnerTextOf(RUN, [BATCH])];
    expect(texts[0]).toContain("放行时的回答：是，合作方已确认。");
    expect(texts[0]).toContain("两者都不等于合作方已保存");
    for (const line of texts.flatMap((text) => text.split("\n"))) expect(faultsOf(line)).toEqual([]);
  });
});

const dropped = {
  not_top_level: 3,
  invalid_timestamp: 0,
  outside_window: 2,
  delivered_live: 155,
  repeated_ray_id: 0,
};
const sums = { sent: 2_580, pending: 0, held: 0, refused: 0, discarded: 0, malformed: 33, read: 2_773 };
const RUN = {
  id: "2026_run",
  window: { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", interval: "[start, end)" },
  delivered_at: "2026-04-22T16:00:00Z",
  log_lines_sent: 2_580,
  lines: { ...sums, dropped, inherited: 0 },
  spec: { dedupe: "file" },
  limits: { on_uncertain: "hold" },
  live: {
    batch_size: 100,
    proven_by: "files",
    proving_files: 12,
    files_with_markers: 15,
    lines_sent_while_waiting: 4,
    live_delivered_meanwhile: { batches: 1, lines: 5 },
    outside_not_delivered: null,
  },
  replay: false,
  duplicate_lines: 0,
  possible_duplicate_lines: 0,
  uncertain_attempts: 0,
  assumed_not_delivered_attempts: 0,
  exceptions: 0,
  repeated_ray_ids: 2,
  untracked_ray_ids: 1,
  continue_of: "2026_earlier",
  stage_code: "aborted",
  delivery_completed: false,
  files: { accepted: 1 },
  report: { head: "abc123" },
} as unknown as RunStatusAnswer;

const BATCH = {
  batch: 1,
  state: "held",
  reason: "attempt 2: timeout",
  lines: 60,
  bytes: { raw: 1_000, gzip: 300 },
  digest: "ab12",
  first_ray_id: "a1",
  last_ray_id: "b2",
  answer_status: null,
  done_at: null,
  attempts: 2,
  exceptional_attempts: [
    {
      attempt: 2,
      state: "uncertain",
      cause: "timeout",
      detail: "after 30 s",
      started_at: "2026-04-22T15:59:00Z",
      ended_at: "2026-04-22T16:00:00Z",
    },
  ],
} as unknown as BatchItem;
