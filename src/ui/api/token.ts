// The credential of this tab. Cloudflare Access needs none: its session comes with every request. Otherwise a person
// pastes a token, which sessionStorage keeps until the tab is closed.

const TOKEN = "token";
const ACTOR = "actor";

export interface Credential {
  token: string;
  /** The name for X-Actor. Empty: the API records the token's name. */
  actor: string;
}

/** Headers take printable ASCII only. The API takes at most 100 characters. */
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

/** The token of an address that ends in `#token=…`. Null: the address has none. */
export function tokenOf(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, "")).get("token");
  return token === null || token === "" ? null : token;
}

/** Takes a token out of the address, so that it stays in no history, bookmark or screenshot. */
export function takeTokenFromAddress(): void {
  const token = tokenOf(location.hash);
  if (token === null) return;
  keepCredential({ token, actor: sessionStorage.getItem(ACTOR) ?? "" });
  history.replaceState(history.state, "", location.pathname + location.search);
}
