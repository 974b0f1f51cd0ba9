import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { type AgentPage, agentLink, agentPages } from "../route.ts";
import { useNames } from "../services.ts";
import { Name } from "./elements.tsx";

/** What all pages about one agent have: its name, and the way to the others. */
export function AgentFrame({
  agent,
  page,
  children,
}: {
  agent: string;
  page: AgentPage;
  children: ComponentChildren;
}) {
  const name = useNames([agent]).get(agent);
  return (
    <main>
      <p class="kind">
        <a href="#/">Your agents</a>
      </p>
      <Heading title={`${agentPages[page]} · ${name ?? agent}`}>
        {name === undefined ? <span class="id">{agent}</span> : <Name>{name}</Name>}
      </Heading>
      {name === undefined ? null : <p class="id">{agent}</p>}
      <nav aria-label="Agent">
        <ul class="tabs">
          {Object.entries(agentPages).map(([id, label]) => (
            <li key={id}>
              <a href={agentLink(agent, id as AgentPage)} aria-current={id === page ? "page" : undefined}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </main>
  );
}

/** A page's heading: it names the document, and gets the focus when somebody comes from another page. */
export function Heading({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · LKPS console`;
  }, [title]);
  return <h1 tabIndex={-1}>{children}</h1>;
}
