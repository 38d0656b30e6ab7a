import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

export const twice: Same<typeof en.twice> = {
  title: "有没有行被重复发送？",
  nothingSent: "尚未发送任何行。",
  none: "在已检查的范围内未发现重复发送；另有未检查的情况。",
  noneByRun: "此任务自身没有重复发送，但没有检查实时程序送达了什么。",
  onPurpose: "有，并且是有意的：操作员已确认再次发送以前的任务发过的行。",
  noneSure: (posts) => `没有重发任何行。有 ${posts} 次 POST 结果未知，其批次列在“问题”中。`,
  onlyRemembered: (lines) => `任务重发了 ${lines} 行，均在接收方记住其批次令牌期间。有些情况未检查。`,
  assumed: "应答为“未送达”后重发",
  assumedOf: (posts) => `POST：${posts} 次。按未送达处理，其中的行不计入其他数字。`,
  some: (sure, maybe) => `接收方不止一次接受了 ${sure} 行，另外最多还有 ${maybe} 行可能重复到达。`,
  liveSkipped: "已由实时程序送达，本次跳过",
  skipped: (lines, files) =>
    `${lines} 行。这些行所属的每个实时批次，在存储桶中都有送达标记。有标记的文件：${files} 个。`,
  ignored: "未检查。任务发送窗口中的每一行，包括实时程序已送达的行。",
  otherReceiver: "不适用。实时程序送达的是合作方，而不是此任务的接收方。",
  size: "实时批次大小",
  sizeOf: (records) => `${records} 条记录。`,
  byFiles: (files) =>
    `实测：${files} 个文件的标记与此大小完全一致，没有文件与之矛盾。其余文件不足以判断：标记不全，或只有一个实时批次。`,
  byOperator: (files) => `由操作员接受，见“事件”。标记与此大小完全一致的文件：${files} 个。`,
  byNobody: "尚未证实。证实之前，有标记的文件的行都暂缓发送。",
  waited: (sent, meanwhile) =>
    `实时批次尚无应答时发送了 ${sent} 行；任务读取文件之后，实时程序又送达 ${meanwhile} 行。两者都计入可能重复。`,
  waitedName: "迟到的实时批次",
  earlier: "以前的任务",
  earlierNone: "没有其他任务发送过此窗口的行（若有，启动会被拒绝）。",
  earlierReplay: "操作员已确认再次发送以前的任务发过的行。",
  earlierContinued: (lines) => `所续接的任务已送达 ${lines} 行，不再发送。`,
  duplicates: "被接受两次",
  possible: "可能被接受两次",
  sentAgain: "在接收方记住令牌期间重发",
  uncertain: "结果未知的 POST",
  held: "其批次暂缓发送，等待操作员决定。",
  decided: "操作员已决定其批次如何处理，见事件。",
  resent: "其批次会重新发送。",
  notChecked: "未检查",
  rays: (repeated) =>
    `不同文件之间不比对 RayID：如果 Logpush 把同一请求写入两个文件，两行都会发送。与同一文件中 RayID 重复的记录：${repeated} 条。`,
  raysDropped: "任务不发送这些重复的记录。",
  marker: "若实时程序已送达某批却没写入送达标记，本任务会重发该批，造成重复。",
  risk: "风险",
};

export const meanings: Same<typeof en.meanings> = {
  not_top_level: "站点的 Worker 在应答访客时自己发出的请求。合作方只应收到访客的请求，每个请求一行。",
  invalid_timestamp:
    "记录的时间无法读取，不知道属于哪个窗口。某个文件中此类记录过多时，需由操作员决定如何处理。",
  outside_window: "边缘的文件还含有窗口之外的记录。本任务不发送这些记录。",
  delivered_live: "存储桶中有标记表明实时程序已送达这些记录所在的批次。",
  repeated_ray_id: "同一文件中前面已有相同的 RayID，此任务不发送重复的记录。",
  malformed:
    "不是 JSON 对象、过长或不是 UTF-8，无法生成日志行。某个文件中此类记录过多时，需由操作员决定如何处理。",
};

export const canary: Same<typeof en.canary> = {
  left: "待发送",
  leftOf: (lines, batches) => `${batches} 个批次，共 ${lines} 行`,
  unread: (files) => `尚未读取的文件：${files} 个`,
  held: "仍暂缓发送",
  heldOf: (lines, batches) => `${batches} 个批次，共 ${lines} 行。`,
  heldForSize: (batches) => `${batches} 个等待证实实时批次大小，证实后任务会自行发送。`,
  heldForFile: (batches) => `${batches} 个等待对其文件的决定。`,
  heldForPerson: (batches) => `${batches} 个等待您的决定。`,
  question: "合作方是否已确认这些批次？",
  confirmed: "是，合作方已确认",
  unanswered: "已询问，未答复",
  ownCheck: "仅自行核对",
  notAsked: "否，没有询问合作方",
  choose: "请选择一项，会随任务记录。",
  recorded: "您的回答会加在备注前面，并写入事件和证据。",
  notPart: "尚未发送，不属于试发：",
  more: (batches) => `另有 ${batches} 个`,
};
