import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

const LATER = "请稍后再试。";
const CORRECT = "请修正标出的字段。";
const RELOAD = "请刷新页面。";
const DEFECT = "这是页面的缺陷，请报告。";
const WINDOW = "请修正时间窗口。";

export const moreProblems: Same<typeof en.moreProblems> = {
  cross_site: ["请求来自其他站点。", RELOAD],
  no_such_route: ["此部署不认识该路由。", RELOAD],
  unknown_run: ["没有这个任务。", "请查看任务列表。"],
  method_not_allowed: ["该路由不接受此方法。", DEFECT],
  url_too_long: ["地址过长。", DEFECT],
  invalid_query: ["筛选条件无效。", "请移除该条件。"],
  query_under_way: ["此任务的另一次搜索尚未结束。", LATER],
  headers_too_large: ["请求头过大。", DEFECT],
  object_unavailable: ["后端的一个部分正在重启或过载。", LATER],
  access_unreachable: ["无法获取 Cloudflare Access 的公钥。", LATER],
  body_not_json: ["请求不是 JSON。", DEFECT],
  body_too_large: ["请求过大。", "请减少一次提交的内容。"],
  invalid_header: ["请求头无效。", "请重新登录，姓名中不要用特殊字符。"],
  invalid_body: ["部分字段无效。", CORRECT],
  window_reversed: ["时间窗口的结束早于开始。", WINDOW],
  window_empty: ["时间窗口为空。", WINDOW],
  window_in_future: ["时间窗口的结束在未来。", WINDOW],
  window_too_long: ["时间窗口超过 7 天。", "请逐个使用下面的分段。"],
  live_batch_size_needed: ["实时批次大小未知。", "请填写，或设置 LIVE_BATCH_SIZE。"],
  idempotency_mismatch: ["该键已用于另一请求。", "请更改一个字段后再按。"],
  slot_taken: ["另一任务占用发送权。", "请等待、暂停或中止它，或把窗口排队。"],
  overlap: ["早先的任务发送过此窗口的行。", "请换窗口，或确认重发。"],
  not_continuable: ["该任务无法继续。", "请新建任务。"],
  dry_run_under_way: ["另一次精确统计正在进行。", "请等待或中止它。"],
  plan_not_usable: ["该计划无法重放。", "请重新精确统计。"],
  plan_outdated: ["计划已变化。", "请重新精确统计。"],
  disabled: ["总开关已关闭，不会启动任何任务。", '请以 BACKFILL_ENABLED = "true" 部署。'],
  receiver_not_configured: ["缺少接收方的密钥。", "请用 wrangler secret put 设置。"],
  start_unconfirmed: ["任务已登记，但尚未应答。", "请等待，会自动开始。"],
  unknown_window: ["队列中没有这个窗口。", "请查看队列。"],
  window_wrong_state: ["该窗口已结束，或不在等待。", "请查看其状态。"],
  no_raw_files: ["没有找到原始文件。", "请选择其他范围。"],
  coverage_incomplete: ["该范围的缺口尚未查明。", LATER],
  live_mode_needed: ["未说明如何处理已送达的行。", "请选择是否跳过。"],
  queue_full: ["已有 20,000 个窗口在等待。", LATER],
  unknown_file: ["任务中没有这个文件。", "请查看文件列表。"],
  unknown_batch: ["任务中没有这个批次。", "请查看批次列表。"],
  run_ended: ["任务已结束。", "不能再更改。"],
  already_delivered: ["任务已送达。", "没有可中止的内容。"],
  wrong_state: ["当前状态下不可行。", "请查看状态。"],
  nothing_to_accept: ["任务已不再显示此代码。", "请查看状态。"],
  report_not_written: ["证据尚未写好。", LATER],
  report_damaged: ["存储桶中的证据被改动。", "请清点该任务的台账，证据会重新写入。"],
  note_needed: ["需要备注。", "请写明原因。"],
  send_needed: ["该文件保留了一些行。", "请说明是否发送。"],
  invalid_value: ["此任务不接受该值。", CORRECT],
};

/** Refusals about the receiver of a request. */
export const receiverProblems: Same<typeof en.receiverProblems> = {
  unknown: ["此部署没有这个名称的接收方。", "请另选一个，或查看“系统”页。"],
  skipsLive: ["只有接收方“default”有实时程序的标记。", "请不要跳过实时已送达的行。"],
  fromHoles: ["只有接收方“default”有实时程序的缺口。", "请填写窗口，或选择最近的天数。"],
};
