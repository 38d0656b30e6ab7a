// Links between the pages of one subject, such as the pages of a run. Each page has its own address.
import { place } from "../state/location.ts";

export function Tabs({ label, tabs }: { label: string; tabs: readonly { href: string; text: string }[] }) {
  const { path } = place.value;
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ href, text }) => (
        <a key={href} href={href} aria-current={path.replace(/\/$/, "") === href ? "page" : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}
