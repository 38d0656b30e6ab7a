import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

const CALL = "请联系合作方。";
const GOES_ON = "会自动继续。";
const SETTINGS = "请修正后重新部署。";
const SIGNATURE = [
  "接收方拒绝签名或凭据。",
  "请检查 CTYUN_PRIVATE_KEY 和合作方的时钟，或 RECEIVER、RECEIVERS 的 headers。",
] as const;
const PATH = [
  "接收方不认识该路径。",
  "请检查 CTYUN_URI_EDGE 和 CTYUN_ENDPOINT，或 RECEIVER、RECEIVERS 的 url。",
] as const;
const BUSY = ["接收方要求降低速率。", "请等待，或调低上限。"] as const;
const FAILS = ["接收方出错，批次可能已到达。", CALL] as const;

export const reasons: Same<typeof en.reasons> = {
  slowed: ["发送速率低于上限的九成。", "速率会自动恢复。"],
  waiting_for_late_files: ["已找到的都已发送，等待最后一次列举。", GOES_ON],
  waiting_for_live: ["部分文件太新，还不知道实时程序送达了什么。", GOES_ON],
  comparing_with_plan: ["正在把存储桶与计划比对。", GOES_ON],
  waiting_for_sending_run: ["另一任务正在发送，精确统计稍后进行。", GOES_ON],
  disabled: ["总开关已关闭。", '请以 BACKFILL_ENABLED = "true" 部署。'],
  bad_configuration: ["有变量或密钥无法使用。", SETTINGS],
  receiver_not_configured: [
    "缺少接收方的设置。",
    "请用 wrangler secret put 设置其密钥，或 RECEIVERS 中的名称。",
  ],
  receiver_changed: ["接收方与首次送达时不同。", "请恢复原设置，或接受新的接收方。"],
  quiet_hours: ["当前不在发送时段内。", GOES_ON],
  daily_lines: ["今日行数已用完。", "午夜自动继续。"],
  slot_taken: ["另一任务正在发送。", GOES_ON],
  storage_unavailable: ["R2 出错。", "会自动重试。"],
  receiver_asked_to_wait: ["接收方要求暂停。", GOES_ON],
  unusual_answers: ["接收方的应答异常。", "请查看应答并作出决定。"],
  receiver_answer_does_not_match: [
    "应答不符合 SUCCESS_PATTERN 或 RECEIVER、RECEIVERS 的规则。",
    "请查看应答并作出决定。",
  ],
  receiver_http_401: SIGNATURE,
  receiver_http_403: SIGNATURE,
  receiver_http_404: PATH,
  receiver_http_405: PATH,
  receiver_http_410: PATH,
  receiver_http_3xx: ["接收方返回重定向，发送端不跟随。", PATH[1]],
  receiver_http_4xx: ["接收方拒绝所有批次。", "请与合作方核对格式和批次大小。"],
  receiver_http_429: BUSY,
  receiver_http_503: BUSY,
  receiver_http_5xx: FAILS,
  receiver_http_408: FAILS,
  receiver_no_connection: [
    "无法连接接收方。",
    "请检查 CTYUN_ENDPOINT 或 RECEIVER、RECEIVERS 的 url，再联系合作方。",
  ],
  receiver_timeout: ["接收方未及时应答，批次可能已到达。", CALL],
  receiver_reset: ["连接在应答前中断，批次可能已到达。", CALL],
  operator: ["操作员已暂停该任务。", "可点“继续发送”。"],
  canary: ["试发完成，已暂停。", "请与合作方核对，然后放行其余批次。"],
  failed_files: ["有文件无法读取。", "请逐个重新解析，或决定不再发送。"],
  missing_files: ["已列出的文件不见了。", "请恢复文件后重新解析，或逐个决定不再发送。"],
  changed_files: ["文件在部分发送后被更改。", "请逐个重新解析，或决定不再发送。"],
  suspicious_files: ["文件中过多记录未通过检查，均未发送。", "请查看样本，再接受或重试。"],
  refused_batches: ["接收方拒绝了部分批次。", "请逐个重试或了结。"],
  held_batches: ["有批次暂缓发送，可能已到达。", "请询问合作方，再逐个了结。"],
  empty_window: ["没有找到可发送的内容。", "请检查时间窗口和前缀，再接受或中止。"],
  suspect_records: ["全部文件中过多记录未通过检查。", "请查看样本，再接受。"],
  live_batch_size_unproven: [
    "文件无法证实实时批次大小。",
    "请检查 LIVE_BATCH_SIZE。若正确，请点“按现状接受”，任务随后发送暂缓的行。",
  ],
  live_waiting: ["实时批次一小时没有应答。", "请修复实时程序，或逐个文件决定。"],
  foreign_folders: ["前缀下有其他含日志的目录。", "请接受，或连同这些目录重新开始。"],
  log_without_time: ["部分日志文件名没有可读的时间。", "请核对这些键，再接受。"],
  not_looked_through: ["其他目录没有全部搜索。", "请核对这些目录，再接受。"],
  duplicate_objects: ["有文件与另一文件同名同大小。", "请核对这些键，再接受。"],
  overlap: ["期间另一任务发送了此窗口的行。", "请确认重发，或中止。"],
  late_files: ["送达后又有文件到来。", "请纳入，或接受。"],
  unbalanced: ["合计不平衡，这是缺陷。", "请清点该任务的台账并报告。"],
  plan_outdated: ["存储桶与计划不符，未发送任何内容。", "请重新精确统计，并从新计划开始。"],
};
