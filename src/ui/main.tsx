// The entry of the page. Reads the settings and the credential, and then renders the application.
import { render } from "preact";
import { takeTokenFromAddress } from "./api/token.ts";
import { App } from "./app.tsx";
import { keepFocus } from "./state/focus-keeper.ts";
import { followLinks } from "./state/location.ts";
import { startPolling } from "./state/poller.ts";
import { startSession } from "./state/session.ts";
import { loadSettings } from "./state/settings.ts";
import { showTab } from "./state/tab-title.ts";
import { texts } from "./text/texts.ts";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element with the id app");
takeTokenFromAddress();
await loadSettings();
followLinks();
showTab(() => texts.value.frame.product);
keepFocus(root);
render(<App />, root);
document.getElementById("not-loaded")?.remove();
startPolling();
startSession();
