// Explains what each state reason means, in both languages. A message shows the code first. The texts about files
// and batches follow a number, such as "3 batches are held". docs/reference/state-reasons.md explains every code,
// and a test compares the two.
import type { Language } from "../../../src/contract/notifications.ts";

type Texts = Readonly<Record<Language, string>>;

export const REASONS = {
  slowed: { en: "sending is slowed down", zh: "发送被限速" },
  waiting_for_late_files: { en: "waiting for late files", zh: "等待迟到的文件" },
  waiting_for_live: { en: "waiting for the live worker", zh: "等待实时程序" },
  comparing_with_plan: { en: "comparing the bucket with the plan", zh: "正在与计划比对" },
  waiting_for_sending_run: { en: "another run is sending", zh: "另一个任务正在发送" },
  disabled: { en: "backfill is switched off", zh: "补数已关闭" },
  bad_configuration: { en: "a var or secret cannot be used", zh: "变量或密钥配置有误" },
  receiver_not_configured: { en: "secrets of the receiver are missing", zh: "缺少接收方密钥" },
  receiver_changed: { en: "the receiver's address has changed", zh: "接收方地址已变更" },
  quiet_hours: { en: "outside the hours of the run", zh: "不在发送时段内" },
  daily_lines: { en: "the lines of this day are used up", zh: "当日行数已用完" },
  slot_taken: { en: "another run owns the slot", zh: "其他任务正在发送" },
  storage_unavailable: { en: "R2 does not answer", zh: "R2 存储不可用" },
  receiver_asked_to_wait: { en: "the receiver asked to wait", zh: "接收方要求等待" },
  unusual_answers: { en: "the receiver's answers have changed", zh: "接收方应答异常" },
  receiver_answer_does_not_match: {
    en: "answers do not match SUCCESS_PATTERN",
    zh: "应答与 SUCCESS_PATTERN 不符",
  },
  receiver_http_401: { en: "the receiver answers 401", zh: "接收方返回 401" },
  receiver_http_403: { en: "the receiver answers 403", zh: "接收方返回 403" },
  receiver_http_404: { en: "the receiver answers 404", zh: "接收方返回 404" },
  receiver_http_405: { en: "the receiver answers 405", zh: "接收方返回 405" },
  receiver_http_410: { en: "the receiver answers 410", zh: "接收方返回 410" },
  receiver_http_3xx: { en: "the receiver redirects", zh: "接收方返回重定向" },
  receiver_http_4xx: { en: "the receiver refuses batches", zh: "接收方拒绝批次" },
  receiver_http_429: { en: "the receiver answers 429", zh: "接收方返回 429" },
  receiver_http_503: { en: "the receiver answers 503", zh: "接收方返回 503" },
  receiver_http_5xx: { en: "the receiver fails", zh: "接收方故障" },
  receiver_http_408: { en: "the receiver answers 408", zh: "接收方返回 408" },
  receiver_no_connection: { en: "the receiver cannot be reached", zh: "无法连接接收方" },
  receiver_timeout: { en: "the receiver does not answer in time", zh: "接收方超时" },
  receiver_reset: { en: "the receiver closes connections", zh: "接收方断开连接" },
  operator: { en: "an operator paused the run", zh: "操作员暂停了任务" },
  canary: { en: "the canary was sent, the run is paused", zh: "试发完成，已暂停" },
  failed_files: { en: "files failed", zh: "个文件失败" },
  missing_files: { en: "files are gone", zh: "个文件丢失" },
  changed_files: { en: "files have changed", zh: "个文件已变更" },
  suspicious_files: { en: "files are suspicious", zh: "个文件可疑" },
  refused_batches: { en: "batches were refused", zh: "个批次被拒绝" },
  held_batches: { en: "batches are held", zh: "个批次暂缓发送" },
  empty_window: { en: "the window has no lines", zh: "窗口内没有日志" },
  suspect_records: { en: "many records fail a check", zh: "大量记录未通过检查" },
  live_batch_size_unproven: {
    en: "the size of the live worker's batches is not proven",
    zh: "实时批次大小未证实",
  },
  live_waiting: { en: "batches of the live worker have no answer", zh: "实时批次没有应答" },
  foreign_folders: { en: "unknown folders hold objects", zh: "存在未知文件夹" },
  log_without_time: { en: "a log has no time in its name", zh: "日志名称没有时间" },
  not_looked_through: { en: "a folder was not looked through", zh: "有文件夹未检查" },
  duplicate_objects: { en: "two objects seem to be the same log", zh: "存在重复对象" },
  overlap: { en: "another run sent lines of the window", zh: "其他任务已发送窗口内的日志" },
  late_files: { en: "files arrived late", zh: "有文件迟到" },
  unbalanced: { en: "the sums do not balance", zh: "合计不平衡" },
  plan_outdated: { en: "the plan no longer fits the bucket", zh: "计划已过期" },
} as const satisfies Record<string, Texts>;

/** The meaning of a reason code. Null when this table does not have the code. */
export function reasonText(code: string, language: Language): string | null {
  const known: Readonly<Record<string, Texts>> = REASONS;
  const exact = known[code] ?? known[code.replace(/^(receiver_http_\d)\d\d$/, "$1xx")];
  return exact?.[language] ?? null;
}
