// Loads a page, or a part of one, as a separate script. After a deployment, a page that was opened before may ask for a script that no
// longer exists. The page then offers to reload.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { texts } from "../text/texts.ts";
import { Notice, Reload } from "./notice.tsx";

/** Used in pages.ts: `component: lazyPage(() => import("./queue-page.tsx").then((page) => page.QueuePage))`. */
export function lazyPage<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function LazyPage(props: Props) {
    const [state, setState] = useState<"loading" | "ready" | "lost">(loaded ? "ready" : "loading");
    useEffect(() => {
      if (loaded) return;
      load().then(
        (component) => {
          loaded = component;
          setState("ready");
        },
        () => setState("lost"),
      );
    }, []);
    const t = texts.value.frame;
    const Component = loaded;
    if (Component) return <Component {...props} />;
    if (state === "loading") return <p class="quiet">{t.loading}</p>;
    return (
      <Notice tone="red" isAlert title={t.chunkLost}>
        <Reload />
      </Notice>
    );
  };
}
