import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

export const frame: Same<typeof en.frame> = {
  product: "Logpush 补数",
  skip: "跳到内容",
  main: "主导航",
  menu: "菜单",
  settings: "设置",
  nav: {
    home: "首页",
    coverage: "覆盖情况",
    newRun: "新建任务",
    queue: "队列",
    runs: "任务",
    system: "系统",
  },
  receiver: "接收方",
  switchOn: "允许启动",
  switchOff: "总开关已关闭，不会启动任何任务",
  zone: "时区",
  language: "语言",
  asOf: (age) => `${age}前的数据`,
  notReached: (since) => `自 ${since} 起无法连接 API，下面的数据可能已过时。`,
  retrying: "页面会自动重试。",
  activeRun: "当前任务",
  noActiveRun: "没有任务在发送",
  sendingAt: (rate, cap) => `${rate}，上限 ${cap}`,
  eta: (left) => `剩余 ${left}`,
  loading: "加载中…",
  noMatch: "没有这个页面",
  noMatchHint: "地址可能有误。",
  toHome: "回到首页",
  chunkLost: "页面的一部分无法加载，可能已部署新版本。",
  languageLost: "另一种语言的文本无法加载，可能已部署新版本。",
  reload: "刷新",
  signOut: "退出登录",
};

export const signIn: Same<typeof en.signIn> = {
  title: "登录",
  explain: "需要此部署的令牌：API_TOKEN，或 API_TOKENS 中的一个。",
  kept: "令牌只保存在此标签页中，关闭后即被忘记。",
  token: "令牌",
  actor: "您的姓名（可选）",
  actorHint: "随您的更改一起记录，标为“unverified”。仅限拉丁字母。",
  submit: "登录",
  noRole: "您已登录，但您的角色无权查看此页面。",
};
