// Texts about the problems that any page may show at any time: what the code means, and what to do next.
const RELOAD = "Reload the page.";

export const problems = {
  not_reached: ["The API was not reached.", "The page tries again by itself."],
  timed_out: ["The API did not answer in time.", "Press again: the request is not carried out twice."],
  not_understood: ["The answer is not from this API.", RELOAD],
  session_ended: ["Your Cloudflare Access session has ended.", "Reload the page to sign in."],
  unauthorized: ["You are not signed in, or the token is wrong.", "Enter a valid token."],
  assertion_refused: ["Cloudflare Access did not confirm you.", "Reload the page to sign in again."],
  api_token_not_configured: [
    "This deployment has no usable credential.",
    "Set the secret API_TOKEN and deploy.",
  ],
  not_allowed: ["Your role may not do this.", "Ask an operator."],
  too_many_attempts: ["Too many wrong credentials.", "Wait a minute."],
  bad_configuration: ["This deployment is configured wrongly.", "Correct these vars and deploy."],
  internal_error: ["The API failed unexpectedly.", "Try again. The log has the error."],
} as const satisfies Record<string, readonly [string, string]>;
