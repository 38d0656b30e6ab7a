import type { en } from "../en/en.ts";
import type { Same } from "../same.ts";

export const rowVerbs: Same<typeof en.rowVerbs> = {
  decidedLater: "任务读取更多文件后会自行决定，无需操作。",
  aboutFile: (n) => `文件 ${n}`,
  aboutBatch: (n) => `批次 ${n}`,
  delivered: "已送达",
  deliveredNow: "该批次计为已送达，合作方已确认。",
  runEnded: "任务已结束，无法再作决定。",
  send: "发送",
  sendNow: "发送该批次。它从未发送过。",
  resend: "重新发送",
  resendNow: "重新发送该批次。",
  resendLater: "如果之前已到达，这些行会到达两次，并计为可能的重复。",
  discard: "丢弃",
  discardNow: "该批次的行不再发送。",
  byHand: "在摘要和证据中计为例外。",
  retryFile: "重新解析",
  retryFileNow: "解析存储桶中现有的对象。",
  retryFileLater: "内容相同的已发送批次保持不变。",
  allowDuplicates: "即使对象中已没有之前发送过的批次，仍发送该文件。",
  allowDuplicatesLater: "某些行可能到达两次，并计为重复。",
  acceptFile: "放弃其余部分",
  acceptFileNow: "该文件未发送的行不再发送。",
  acceptSend: "发送其内容",
  acceptSendNow: "发送该文件中可读取的行。",
};
