// The form that asks for a token. With Cloudflare Access it appears only when the session has ended.
import { useState } from "preact/hooks";
import { ACTOR_PATTERN, credential, forgetCredential, keepCredential, TOKEN_PATTERN } from "../api/token.ts";
import { Field } from "../parts/field.tsx";
import { Refusal } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";
import { refreshAll } from "../state/poller.ts";
import { loadMe, signInProblem } from "../state/session.ts";
import { texts } from "../text/texts.ts";

export function SignInPage() {
  const t = texts.value.signIn;
  const [token, setToken] = useState("");
  const [actor, setActor] = useState(credential()?.actor ?? "");
  const [isBusy, setBusy] = useState(false);
  const [wasTried, setTried] = useState(false);
  const problem = signInProblem.value;
  // At the first visit no token was tried yet. So the form shows no error.
  const isExpected = problem?.code === "unauthorized" && credential() === null && !wasTried;
  const submit = async (form: HTMLFormElement) => {
    if (isBusy || !form.reportValidity()) return;
    setBusy(true);
    keepCredential({ token: token.trim(), actor: actor.trim() });
    const refused = await loadMe();
    setBusy(false);
    setTried(true);
    if (refused === null) return refreshAll();
    forgetCredential();
    signInProblem.value = refused;
  };
  return (
    <Page title={t.title}>
      <form
        class="narrow"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <p>{t.explain}</p>
        <Refusal problem={isExpected ? null : problem} isAlert />
        {problem?.code === "session_ended" && (
          <button type="button" onClick={() => location.reload()}>
            {texts.value.frame.reload}
          </button>
        )}
        <Field label={t.token} hint={t.kept}>
          {(control) => (
            <input
              {...control}
              type="password"
              required
              pattern={TOKEN_PATTERN}
              autocomplete="off"
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label={t.actor} hint={t.actorHint}>
          {(control) => (
            <input
              {...control}
              pattern={ACTOR_PATTERN}
              maxLength={100}
              autocomplete="username"
              value={actor}
              onInput={(event) => setActor(event.currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="primary" aria-disabled={isBusy}>
          {t.submit}
        </button>
      </form>
    </Page>
  );
}
