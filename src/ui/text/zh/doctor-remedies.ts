// Chinese remedies of the doctor, by check and outcome. The page loads them when the doctor has run in Chinese. A code
// that is missing here is shown with the English remedy of the API.
const CORRECT_ABOVE = "先修正上面各行，再做一次体检。";
const BUCKET = "将 wrangler.toml 的 bucket_name 设为 Logpush 的存储桶，然后部署。";
const PREFIX = "将 LOG_PREFIX 设为 Logpush 作业的目录，然后部署。";
const BATCH_SIZE = "将 LIVE_BATCH_SIZE 设为实时程序的批次大小，然后部署。";
const RECEIVER_SECRETS = "请设置接收方的密钥。";

export const doctorRemedies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vars: { misspelt: "更正名称并部署，再删除错误的名称。", invalid: "设为可接受的值，然后部署。" },
  auto_replay: {
    other_receiver: "请将 AUTO_REPLAY 设为 off：它查找的是合作方的缺口，设置了 RECEIVER 时不会排队。",
  },
  kill_switch: { off: '允许任务发送时，以 BACKFILL_ENABLED = "true" 部署。' },
  secrets: { missing: "用 npx wrangler secret put NAME 设置每个密钥。" },
  callers: { shared: "设置 API_TOKENS 或 ACCESS_ROLES。" },
  access: { unreachable: "更正 ACCESS_TEAM_DOMAIN。在此之前，经 Access 的更改会被拒绝。" },
  channels: {
    none: "设置 NOTIFY_CHANNELS，以便任务需要处理时发出通知。",
    unusable: "更正 NOTIFY_CHANNELS 的条目或 PUBLIC_URL。",
  },
  objects: { silent: "查看该对象的日志，并将迁移与 wrangler.toml 对比。" },
  queues: {
    unknown: "在控制台查看队列的积压。",
    stuck: "检查 wrangler.toml 中的消费者并部署，再查看投递是否已暂停。",
  },
  bucket: { unreadable: BUCKET },
  logs: { some_unnamed: "查看列出的键。任务会计数，但不读取它们。", empty: PREFIX, unnamed: PREFIX },
  records: {
    some_malformed: "运行任务前，先阅读 docs/runbook/suspicious-files.md。",
    unreadable: "让 Logpush 作业输出 NDJSON，可用 gzip 压缩。",
    not_looked_at: CORRECT_ABOVE,
  },
  timestamps: {
    several_forms: "比较该目录各 Logpush 作业的输出选项。",
    far_from_names: "将一条记录与其文件名对比。作业可能写了另一个字段。",
    unreadable: "在 Logpush 作业的字段中加入 EdgeStartTimestamp。",
    not_looked_at: CORRECT_ABOVE,
  },
  parent_ray_id: {
    other_zeros: '按详情所示，以 "top_level_parent_ray_ids" 启动任务。',
    absent: '在作业中加入 ParentRayID，或以 "top_level_parent_ray_ids": [null] 启动任务。',
    none_top_level: "请查看更多文件。这些文件没有客户端的请求。",
    not_looked_at: CORRECT_ABOVE,
  },
  live_markers: {
    none: "没有实时程序时无需处理，否则将 LIVE_PREFIX 设为其标记的目录。",
    unreadable: BUCKET,
  },
  live_batch_size: {
    unset: BATCH_SIZE,
    unproven: "向实时程序的负责人确认批次大小。任务会用更多文件来证实。",
    contradicted: BATCH_SIZE,
  },
  bucket_clock: { behind: "请报告给 Cloudflare。迟到的文件和签名依赖该时钟。", unknown: CORRECT_ABOVE },
  receiver: {
    redirects: "将 CTYUN_ENDPOINT 和 CTYUN_URI_EDGE，或 RECEIVER 的 url，设为最终地址。",
    failing: "请联系合作方。接收方返回 5xx 时，任务会等待。",
    silent: "检查 CTYUN_ENDPOINT 或 RECEIVER 的 url，以及接收方的防火墙。",
    not_configured: RECEIVER_SECRETS,
  },
  receiver_clock: { differs: "请合作方校正其服务器的时钟。" },
  signature: {
    refused: "将 CTYUN_PRIVATE_KEY 和 CTYUN_URI_EDGE，或 RECEIVER 的 headers，与接收方的值对比。",
    unclear: "请试发一批，以确认签名是否被接受。",
    not_configured: RECEIVER_SECRETS,
  },
  receivers: {
    same_address: "除非密钥或 headers 通向两个系统，否则请去掉其中一个名称，不然每行会发送两次。",
  },
};
