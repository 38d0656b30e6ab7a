// Loads a page, or a part of one, as a separate script. After a deployment, a page that was opened before may ask for a script that no
// longer exists. The page then offers to reload.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { needTexts, texts, type Area } from "../text/texts.ts";
import { Loading } from "./loading.tsx";
import { Notice, Reload } from "./notice.tsx";

/** Used in pages.ts: `lazyPage(() => import("./queue-page.tsx").then((page) => page.QueuePage), ["queue"])`.
 * `areas`: the texts that the page needs in addition to those of every page. A part of a page names
 * those that its page does not have. */
export function lazyPage<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  areas: readonly Area[] = [],
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function LazyPage(props: Props) {
    const [state, setState] = useState<"loading" | "ready" | "lost">(loaded ? "ready" : "loading");
    useEffect(() => {
      if (loaded) return;
      Promise.all([load(), needTexts(areas)]).then(
        ([component]) => {
          loaded = component;
          setState("ready");
        },
        () => setState("lost"),
      );
    }, []);
    const t = texts.value.frame;
    const Component = loaded;
    if (Component) return <Component {...props} />;
    if (state === "loading") return <Loading />;
    return (
      <Notice tone="red" isAlert title={t.chunkLost}>
        <Reload />
      </Notice>
    );
  };
}
