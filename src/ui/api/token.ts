// The credential of this browser tab. With Cloudflare Access no token is needed, because each request carries the
// session. Otherwise a person pastes a token. sessionStorage keeps it until the tab is closed.

const TOKEN = "token";
const ACTOR = "actor";

export interface Credential {
  token: string;
  /** The name that is sent as X-Actor. Empty: the API records the name of the token. */
  actor: string;
}

/** The pattern of an actor's name. HTTP headers allow only printable ASCII, and the API allows at most 100
 * characters. */
export const ACTOR_PATTERN = "[ -~]{0,100}";
export const TOKEN_PATTERN = "[!-~]+";

export function credential(): Credential | null {
  const token = sessionStorage.getItem(TOKEN);
  return token === null ? null : { token, actor: sessionStorage.getItem(ACTOR) ?? "" };
}

export function keepCredential({ token, actor }: Credential): void {
  sessionStorage.setItem(TOKEN, token);
  sessionStorage.setItem(ACTOR, actor);
}

export function forgetCredential(): void {
  sessionStorage.removeItem(TOKEN);
}

/** The token of an address that ends in `#token=…`. Null: the address contains none. */
export function tokenOf(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, "")).get("token");
  return token === null || token === "" ? null : token;
}

/** Reads the token from the address and removes it there, so that no history, bookmark or screenshot shows it. */
export function takeTokenFromAddress(): void {
  const token = tokenOf(location.hash);
  if (token === null) return;
  keepCredential({ token, actor: sessionStorage.getItem(ACTOR) ?? "" });
  history.replaceState(history.state, "", location.pathname + location.search);
}
