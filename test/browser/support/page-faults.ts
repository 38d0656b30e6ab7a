// Watches a page for what no page may do: an error, a broken policy, a request to another origin, or a page that scrolls
// sideways.
import type { Page } from "playwright-core";

/** The browser reports each answer of 4xx and 5xx as an error. A refusal by the API is no fault of the page. */
const REFUSED = /^Failed to load resource: the server responded with a status of \d+/;
const POLICY_REPORT = "policy broken: ";

export class PageFaults {
  readonly #found: string[] = [];
  readonly #tolerated: readonly RegExp[];

  private constructor(tolerated: readonly RegExp[]) {
    this.#tolerated = tolerated;
  }

  /** Begins to collect the faults of a page. Call it before the first navigation. `tolerated`: texts of errors that
   * the test causes on purpose. */
  static async watch(page: Page, origin: string, tolerated: readonly RegExp[] = []): Promise<PageFaults> {
    const faults = new PageFaults(tolerated);
    page.on("pageerror", (error) => faults.#add(`uncaught: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      const { url } = message.location();
      // A refusal of the page's own files is a fault.
      const isRefusal = REFUSED.test(message.text()) && !new URL(url, origin).pathname.startsWith("/ui/");
      if (message.type() === "error" && !isRefusal) faults.#add(`console: ${message.text()} (${url})`);
    });
    page.on("crash", () => faults.#add("the page crashed"));
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (!["data:", "blob:"].includes(url.protocol) && url.origin !== origin)
        faults.#add(`request to another origin: ${request.url()}`);
    });
    await page.addInitScript((report) => {
      document.addEventListener("securitypolicyviolation", (event) =>
        console.error(report + event.violatedDirective, event.blockedURI, event.sample),
      );
    }, POLICY_REPORT);
    return faults;
  }

  #add(fault: string): void {
    if (!this.#tolerated.some((pattern) => pattern.test(fault))) this.#found.push(fault);
  }

  /** What was found until now. Also looks at the width of the page as it is shown. */
  async list(page: Page): Promise<string[]> {
    if (page.isClosed()) return this.#found;
    const { wide, widest } = await page.evaluate(widthsOf);
    return wide > 0
      ? [...this.#found, `the page is ${wide} px wider than its window: ${widest}`]
      : this.#found;
  }
}

/** Runs in the page: by how much the page is too wide, and the elements that reach over the edge. */
function widthsOf(): { wide: number; widest: string } {
  const { scrollWidth, clientWidth } = document.documentElement;
  const over = [...document.querySelectorAll("body *")].filter(
    (element) => element.getBoundingClientRect().right > clientWidth + 1,
  );
  const named = over.slice(-3).map((element) => `${element.tagName}.${element.getAttribute("class") ?? ""}`);
  return { wide: scrollWidth - clientWidth, widest: named.join(", ") };
}
