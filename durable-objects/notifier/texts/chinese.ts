// Chinese texts of messages.
import type { TextKey } from "./english.ts";

export const CHINESE: Readonly<Record<TextKey, string>> = {
  "run.needs_attention": "补数需要人工处理",
  "run.aborted": "补数已中止",
  "run.delivered": "补数已完成",
  "run.delivered_exceptions": "补数已完成（有例外）",
  "run.suspended": "补数已暂停",
  "run.resumed": "补数已恢复",
  "coverage.hole_found": "发现日志缺口",
  "coverage.replay_queued": "缺口自动补数",
  test: "补数测试消息",
  dry_run: "试运行",
  reason: "原因",
  window: "窗口",
  beijing: "北京时间",
  lines: "行数",
  sent: "已发送",
  left: "剩余",
  exceptions: "例外",
  actor: "操作人",
  run: "任务",
  at: "时间",
  files: "个文件",
  more: "个更多",
  test_text: "通道正常。",
  open: "打开控制台",
};
