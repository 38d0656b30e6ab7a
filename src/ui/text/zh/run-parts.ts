import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

export const runMap: Same<typeof en.runMap> = {
  grid: "窗口内的文件，每格五分钟",
  hint: "每格五分钟，显示其中状态最差的文件。点击可查看该格的文件。",
  readout: "指向一格，或用方向键移动。",
  noFile: "任务尚未列出任何文件。",
  empty: "无文件",
  setAside: "批次待决定",
  cells: (n) => `× ${n}`,
  outside: "窗口之外的文件：",
  forPerson: "需要处理",
  nothing: "没有需要您处理的格。",
  when: "时间",
  worst: "最差的文件",
  files: "该状态的文件数",
  firstSpans: (shown, all) => `共 ${all} 段，只显示前 ${shown} 段。`,
};

export const runEvents: Same<typeof en.runEvents> = {
  title: "事件，最早的在前",
  hint: "人的操作直接显示，任务自身的事件按种类折叠。以“unverified:”开头的操作者是调用方自报的姓名。",
  none: "任务还没有事件。",
  by: "操作者",
  system: (n) => `任务自身的 ${n} 个事件`,
  shown: (n) => `已显示事件：${n}`,
  allShown: (n) => `已全部显示：${n} 个事件`,
};

export const evidence: Same<typeof en.evidence> = {
  notYet: "还没有证据",
  notYetHint: "任务在送达或中止时写入证据。",
  writing: "正在写入证据",
  writingHint: (parts) => `已写入 ${parts} 个部分。哈希链写入后证据才完整。`,
  outdated: "证据已过时",
  outdatedHint:
    "上次写入证据之后账本有变动，例如有人做了决定。任务会在一分钟内重新写入。已下载的证据对当时仍然有效。",
  ready: "证据完整",
  readyHint: (parts) => `${parts} 个部分。`,
  archive: "归档",
  head: "链头",
  headHint: "请与工单一起保存，日后可据此判断任何部分是否被改动。",
  prefix: "在存储桶中",
  elsewhere: "在别处校验（只需 Node）",
  download: "下载证据",
  verify: "在此校验",
  verifyHint:
    "把归档载入此浏览器，重新计算链上的每个哈希，统计全部记录，并与摘要和任务的链头比对。不会发送任何内容。",
  verifyButton: "校验证据",
  fromDisk: "或选择本机的归档",
  notComplete: "证据完整后才能校验。",
  noCrypto: "此地址没有 TLS，浏览器不提供 WebCrypto。请用 Node 校验。",
  loading: "正在载入归档…",
  checking: (parts, of) => `已检查 ${parts} / ${of} 个部分`,
  verified: "校验通过：证据与任务写入的一致",
  verifiedCounts: (files, batches, events, lines) =>
    `${files} 个文件，${batches} 个批次，${events} 个事件，送达 ${lines} 行。`,
  differs: "校验未通过：证据不一致",
  differsHint:
    "有人改动了归档或存储桶，或下载已损坏。请重新下载。如果仍不一致，请保留归档，并查明谁能写入存储桶。",
  newer: "已有更新的证据",
  newerHint: "之后的决定使此处校验的证据过时，请重新校验。",
  numbersTitle: "各数字证明什么",
  number: "数字",
  value: "值",
  proves: "证明",
  provesNot: "不证明",
  numbers: {
    sent: {
      name: "送达行数",
      proves: "接收方以 2xx 接受了每行所在的批次，或操作员将其了结为已送达。",
      not: "合作方已保存这些行。",
    },
    read: {
      name: "已读记录",
      proves: "每条记录都已发送、因写明的原因丢弃，或格式错误。",
      not: "Logpush 写入了每个请求。",
    },
    live: {
      name: "实时已送达",
      proves: "存储桶中有标记表明实时程序已送达每条记录。",
      not: "合作方已保存这些行。",
    },
    malformed: {
      name: "格式错误",
      proves: "每行都不是 JSON 对象、过长或不是 UTF-8，不会发送。",
      not: "损坏之前的内容。",
    },
    duplicate: {
      name: "重复送达",
      proves: "接收方的应答表明有多少行被不止一次接受。",
      not: "合作方会重复计费。",
    },
    possible: {
      name: "可能重复送达",
      proves: "除重复送达的行外，此任务最多可能重复发送这么多行。",
      not: "确有任何行到达两次。",
    },
    sentAgain: {
      name: "在接收方记住令牌期间重发",
      proves: "任务及时用相同的令牌重发了这些行。",
      not: "接收方确实去除了重复。",
    },
    uncertain: {
      name: "不确定的尝试",
      proves: "每次都有记录，写明批次、时间和原因。",
      not: "POST 是否到达。",
    },
    assumed: {
      name: "视为未送达的尝试",
      proves: "每次都得到表示“未送达”的应答，例如 429 或 503。",
      not: "接收方确实忽略了这些行。",
    },
    exceptions: {
      name: "例外",
      proves: "操作员做过决定，或文件有一部分无法读取。事件写明何人、为何。",
      not: "决定是正确的。",
    },
    repeated: {
      name: "重复的 RayID",
      proves: "这么多条记录与同一文件中的 RayID 重复。",
      not: "不同文件之间的任何情况。",
    },
  },
};
