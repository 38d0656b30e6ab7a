import type { en } from "../en/all.ts";
import type { Same } from "../same.ts";

const RELOAD = "请刷新页面。";

export const problems: Same<typeof en.problems> = {
  not_reached: ["无法连接 API。", "页面会自动重试。"],
  timed_out: ["API 未及时应答。", "请再按一次，请求不会执行两次。"],
  not_understood: ["应答不是来自此 API。", RELOAD],
  session_ended: ["Cloudflare Access 会话已结束。", "请刷新页面重新登录。"],
  unauthorized: ["尚未登录，或令牌有误。", "请输入有效的令牌。"],
  assertion_refused: ["Cloudflare Access 未确认您的身份。", "请刷新页面重新登录。"],
  api_token_not_configured: ["此部署没有可用的凭据。", "请设置密钥 API_TOKEN 并部署。"],
  not_allowed: ["您的角色无权执行此操作。", "请联系操作员。"],
  too_many_attempts: ["错误凭据过多。", "请等待一分钟。"],
  bad_configuration: ["此部署的配置有误。", "请修正这些变量并重新部署。"],
  internal_error: ["API 意外出错。", "请重试。错误在日志中。"],
};
